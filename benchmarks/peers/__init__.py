"""The peers, each in a process of its own in the environment that ``environment.py`` makes.

``python -m benchmarks.peers.NAME FOLDER INSTANCES [KIND]`` runs that many instances of ten durable steps with its
data in the folder, and prints one line of JSON: how many steps in how many seconds.
"""
