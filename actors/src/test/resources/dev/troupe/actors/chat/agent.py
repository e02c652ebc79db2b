"""A small agent that knows nothing of training: plain HTTP, OpenAI's interface, a loop of its own."""
import json
import os
import sys
import urllib.request

BASE = os.environ["OPENAI_BASE_URL"]
KEY = os.environ["OPENAI_API_KEY"]


def post(path, body):
    request = urllib.request.Request(
        BASE + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": "Bearer " + KEY},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def main():
    example = json.load(sys.stdin)
    assert example["prompt"] == sys.argv[1]
    messages = [{"role": "user", "content": sys.argv[1]}]
    for turn in range(2):
        answer = post("/chat/completions", {"model": "any", "messages": messages, "temperature": 0.1})
        said = answer["choices"][0]["message"]
        messages.append(said)
        messages.append({"role": "user", "content": ">"})
    digits = sum(c.isdigit() for c in said["content"])
    post("/rollouts/" + KEY + "/reward", {"reward": digits / 4})


main()
