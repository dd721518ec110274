"""What others read and push buttons on: REST, WebSocket and the page."""
