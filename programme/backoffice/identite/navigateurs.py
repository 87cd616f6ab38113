"""A browser's name in two words, from the long one that it gives itself."""

# The first that is found: Chrome names itself after Safari, Edge after both.
NAVIGATEURS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMES = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def name_of(user_agent):
    """« Firefox sur Linux »; what cannot be read is « Navigateur inconnu »."""
    browser = next((name for sign, name in NAVIGATEURS.items() if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMES.items() if sign in user_agent), "")
    if not browser:
        return "Navigateur inconnu"
    return f"{browser} sur {system}" if system else browser
