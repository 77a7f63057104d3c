"""Special-use addresses and names: what points to nobody in particular, or only to somebody's own network.

Data with its source, since libraries disagree on it: the IANA special-purpose address registries, multicast, what was
deprecated and still turns up, and the special-use domain names. Documentation stands apart, so that an exercise may use it.
"""

from typing import Final

DOCUMENTATION_BLOCKS: Final = (
    "192.0.2.0/24",  # RFC 5737
    "198.51.100.0/24",  # RFC 5737
    "203.0.113.0/24",  # RFC 5737
    "233.252.0.0/24",  # RFC 6676
    "2001:db8::/32",  # RFC 3849
    "3fff::/20",  # RFC 9637
)
DOCUMENTATION_DOMAINS: Final = (
    "example",
    "example.com",
    "example.net",
    "example.org",
    "invalid",
    "test",
)  # RFC 6761

BLOCKS: Final = (
    "0.0.0.0/8",  # this network, RFC 791
    "10.0.0.0/8",  # private, RFC 1918
    "100.64.0.0/10",  # shared by carriers, RFC 6598
    "127.0.0.0/8",  # loopback, RFC 1122
    "169.254.0.0/16",  # link-local, RFC 3927
    "172.16.0.0/12",  # private, RFC 1918
    "192.0.0.0/24",  # protocol assignments, RFC 6890
    "192.88.99.0/24",  # 6to4 relays, RFC 7526
    "192.168.0.0/16",  # private, RFC 1918
    "198.18.0.0/15",  # benchmarks, RFC 2544
    "224.0.0.0/4",  # multicast, RFC 5771
    "240.0.0.0/4",  # reserved, RFC 1112; 255.255.255.255 in it
    "::/96",  # unspecified, loopback, IPv4-compatible, RFC 4291
    "::ffff:0:0/96",  # IPv4-mapped, RFC 4291
    "::ffff:0:0:0/96",  # IPv4-translated, RFC 7915
    "64:ff9b::/96",  # NAT64, RFC 6052
    "64:ff9b:1::/48",  # local-use translation, RFC 8215
    "100::/64",  # discard-only, RFC 6666
    "100:0:0:1::/64",  # dummy prefix, RFC 9780
    "2001::/23",  # protocol assignments with Teredo, ORCHID, benchmarks, RFC 2928
    "2002::/16",  # 6to4, RFC 3056
    "5f00::/16",  # segment routing, RFC 9602
    "fc00::/7",  # unique local, RFC 4193
    "fe80::/10",  # link-local, RFC 4291
    "fec0::/10",  # site-local, deprecated, RFC 3879
    "ff00::/8",  # multicast, RFC 4291
)
DOMAINS: Final = (
    "alt",  # RFC 9476
    "arpa",  # RFC 3172, with home.arpa (RFC 8375) and the reverse zones of private addresses
    "internal",  # reserved by ICANN for private use, 2024
    "local",  # RFC 6762
    "localhost",  # RFC 6761
    "onion",  # RFC 7686
)
