"""Stand-in for Microsoft Entra ID: Microsoft Graph, OpenID Connect and the managed identity, on loopback.

It was written from Microsoft's pages and from public reports, and refuses what they say that the service refuses. It
was never compared with a tenant.
"""
