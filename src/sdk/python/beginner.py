"""Asks DeepSeek one question, the way one writes it on the first day. Nothing in here knows of a gateway.

    DEEPSEEK_API_KEY=… DEEPSEEK_BASE_URL=… DEEPSEEK_MODEL_ID=… python beginner.py "What is a gateway?"
"""

import os
import sys

from openai import APIStatusError, AuthenticationError, OpenAI, RateLimitError

client = OpenAI(
    api_key=os.environ["DEEPSEEK_API_KEY"],
    base_url=os.environ["DEEPSEEK_BASE_URL"],
    max_retries=3,
    timeout=60,
)


def ask(question):
    """The exit code, and what to print."""
    try:
        response = client.chat.completions.create(
            model=os.environ["DEEPSEEK_MODEL_ID"],
            messages=[
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": question},
            ],
            max_tokens=300,
        )
    except AuthenticationError as e:
        return 2, f"Wrong API key: {e.message}"
    except RateLimitError as e:
        return 3, f"Too many requests: {e.message}"
    except APIStatusError as e:
        return 4, f"Status {e.status_code}: {e.message}"
    if not response.choices:
        return 5, "No choices."
    choice = response.choices[0]
    if choice.finish_reason == "length":
        return 6, f"Cut off: {choice.message.content}"
    if choice.message.content is None:
        return 7, "No content."
    return 0, choice.message.content


if __name__ == "__main__":
    code, text = ask(sys.argv[1])
    print(text)
    sys.exit(code)
