"""What runs on the station: standard library only, packed into one file by `pack`.

It is reached through a key with `restrict,command="python3 -I -S agent.pyz --home DIR"`: one verb in, one
line of JSON out (`main`). A flash runs detached (`flasher`) and keeps a journal (`journal`), which together
with an inherited lock is the only truth about a job (`jobs`). Nothing here knows the rest of the product, and
nothing imports a module that is slow to load: every question starts a new process.
"""

AGENT_VERSION = "2"
