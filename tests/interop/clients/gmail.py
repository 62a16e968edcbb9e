#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the ID of the Gmail connection; needs the varlink package from PyPI."""
import os

import varlink

with varlink.Client.new_with_address(os.environ["AIRSTORE_OAUTHD_ADDRESS"]) as client:
    with client.open("ai.airstore.OAuth") as oauth:
        print(oauth.GetConnection("gmail")["connection"]["connection_id"])
