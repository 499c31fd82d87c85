"""Small exports in the shapes that products document, each of the same two messages.

Beside these stands what neither side said: instructions, tool calls and results, reasoning.
"""

import json

ASKED, ANSWERED = "Where is Lima?", "In Peru."
NOBODYS = "I live in Oslo."
"""What must be in no turn."""
AT, LATER = "2024-05-15T10:00:00+00:00", "2024-05-15T10:00:05+00:00"
Z = "2024-05-15T10:00:00.000Z"
SECONDS = 1_715_767_200


def lines(*values):
    return "\n".join(map(json.dumps, values)) + "\n"


def text(kind, words=NOBODYS):
    return {"type": kind, "text": words}


SYSTEM = {"role": "system", "content": NOBODYS}
MAP = {"name": "map", "arguments": NOBODYS}
CALL = {"role": "assistant", "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": MAP}]}  # fmt: skip
RESULT = {"role": "tool", "tool_call_id": "c1", "content": NOBODYS}
CHAT = [SYSTEM, {"role": "developer", "content": NOBODYS}, {"role": "user", "content": ASKED}, CALL,
        RESULT, {"role": "assistant", "content": ANSWERED}]  # fmt: skip
RESPONSES = {
    "request": {"model": "m", "instructions": NOBODYS, "input": ASKED},
    "response": {"object": "response", "id": "r1", "output": [
        {"type": "reasoning", "summary": [text("summary_text")]},
        {"type": "function_call", "name": "map", "arguments": NOBODYS},
        {"type": "function_call_output", "output": NOBODYS},
        {"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": ANSWERED, "annotations": []}]}]},
}  # fmt: skip
RESPONSE_ITEMS = {"object": "list", "data": [
    {"type": "message", "role": "user", "content": [text("input_text", ASKED)]},
    {"type": "reasoning", "content": [text("reasoning_text")]},
    {"type": "message", "role": "assistant", "content": [text("output_text", ANSWERED)]},
]}  # fmt: skip
ASSISTANTS = {"object": "list", "data": [
    {"object": "thread.message", "thread_id": "t1", "created_at": SECONDS + 5, "role": "assistant",
     "content": [{"type": "text", "text": {"value": ANSWERED, "annotations": []}}]},
    {"object": "thread.message", "thread_id": "t1", "created_at": SECONDS, "role": "user",
     "content": [{"type": "text", "text": {"value": ASKED, "annotations": []}}]}]}  # fmt: skip


def lc(name, content):
    path = ["langchain", "schema", "messages", name]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": content}}


LANGCHAIN = [{"type": "system", "data": {"content": NOBODYS}},
             {"type": "human", "data": {"content": ASKED, "type": "human", "id": "m1"}},
             {"type": "tool", "data": {"content": NOBODYS, "tool_call_id": "c1"}},
             {"type": "ai", "data": {"content": ANSWERED, "tool_calls": []}}]  # fmt: skip
LANGCHAIN_LC = [lc("SystemMessage", NOBODYS), lc("HumanMessage", ASKED), lc("ToolMessage", NOBODYS),
                lc("AIMessageChunk", ANSWERED)]  # fmt: skip
LANGGRAPH = {"values": {"messages": [{"type": "human", "content": ASKED, "id": "m1"},
                                     {"type": "ai", "content": [text("text", ANSWERED)]}]},
             "next": [], "config": {"configurable": {"thread_id": "t1"}}}  # fmt: skip
LLAMAINDEX = {"store": {"ana": [
    {"role": "system", "blocks": [{"block_type": "text", "text": NOBODYS}]},
    {"role": "user", "additional_kwargs": {}, "blocks": [{"block_type": "text", "text": ASKED}]},
    {"role": "MessageRole.ASSISTANT", "content": ANSWERED, "additional_kwargs": {}}]}}  # fmt: skip
VERCEL = [
    {"id": "m1", "role": "user", "createdAt": Z, "content": ASKED, "parts": [text("text", ASKED)],
     "data": {"text": NOBODYS}},
    {"id": "m2", "role": "assistant", "createdAt": "2024-05-15T10:00:05.000Z", "parts": [
        {"type": "step-start"}, {"type": "reasoning", "text": NOBODYS},
        {"type": "tool-map", "state": "output-available", "output": {"text": NOBODYS}},
        text("text", ANSWERED)]}]  # fmt: skip
VERCEL_CORE = [
    {"role": "user", "content": [text("text", ASKED), {"type": "image", "image": "x"}]},
    {"role": "assistant", "content": [{"type": "tool-call", "toolName": "map", "args": {}}]},
    {"role": "tool", "content": [{"type": "tool-result", "result": NOBODYS}]},
    {"role": "assistant", "content": [text("text", ANSWERED)]}]  # fmt: skip
ANTHROPIC = {"system": NOBODYS, "messages": [
    {"role": "user", "content": [text("text", ASKED)]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": NOBODYS},
                                      {"type": "tool_use", "id": "u", "name": "f", "input": {}}]},
    {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "u", "content": [text("text")]}]},
    {"role": "assistant", "content": [text("text", ANSWERED)]}]}  # fmt: skip
SHAREGPT = {"id": "s1", "conversations": [
    {"from": "system", "value": NOBODYS}, {"from": "human", "value": ASKED},
    {"from": "function_call", "value": NOBODYS}, {"from": "observation", "value": NOBODYS},
    {"from": "gpt", "value": f"<think>{NOBODYS}</think>{ANSWERED}"}]}  # fmt: skip
TAKEOUT = [
    {"header": "Gemini Apps", "title": "Gave feedback: Good response", "time": Z},
    {"header": "Gemini Apps", "title": f"Prompted {ASKED}", "time": Z, "products": ["Gemini Apps"],
     "safeHtmlItem": [{"html": "<p>In <b>Peru</b>.</p>"}]}]  # fmt: skip
AI_STUDIO = {"runSettings": {"model": "m"}, "systemInstruction": {"text": NOBODYS},
             "chunkedPrompt": {"chunks": [{"text": ASKED, "role": "user", "tokenCount": 4},
                                          {"text": NOBODYS, "role": "model", "isThought": True},
                                          {"text": ANSWERED, "role": "model"}],
                               "pendingInputs": [{"text": NOBODYS, "role": "user"}]}}  # fmt: skip
GEMINI = {"contents": [{"role": "user", "parts": [{"text": ASKED}]},
                       {"role": "model", "parts": [{"functionCall": {"name": "map"}}]},
                       {"role": "user", "parts": [{"functionResponse": {"name": "map"}}]},
                       {"role": "model", "parts": [{"text": NOBODYS, "thought": True},
                                                   {"text": ANSWERED}]}]}  # fmt: skip


def entry(kind, content, **more):
    message = {"role": kind, "content": content}
    return {"type": kind, "sessionId": "s1", "timestamp": Z, "message": message, **more}


CLAUDE_CODE = lines(
    {"type": "summary", "summary": NOBODYS, "leafUuid": "x"},
    entry("user", NOBODYS, isMeta=True),
    entry("user", f"<command-name>/clear</command-name><command-args>{NOBODYS}</command-args>"),
    entry("user", f"{ASKED}<system-reminder>{NOBODYS}</system-reminder>", uuid="e1"),
    entry("assistant", [{"type": "thinking", "thinking": NOBODYS},
                        {"type": "tool_use", "name": "Bash", "input": {"command": NOBODYS}}]),
    entry("user", [{"type": "tool_result", "content": NOBODYS}], toolUseResult=NOBODYS),
    entry("user", NOBODYS, isSidechain=True),
    entry("assistant", [text("text", ANSWERED)]),
)  # fmt: skip


def rollout(kind, **payload):
    return {"timestamp": Z, "type": kind, "payload": payload}


CODEX = lines(
    rollout("session_meta", id="s1", instructions=NOBODYS),
    rollout("response_item", type="message", role="user", content=[
        text("input_text", f"<environment_context>{NOBODYS}</environment_context>")]),
    rollout("response_item", type="message", role="user", content=[text("input_text", ASKED)]),
    rollout("event_msg", type="user_message", message=ASKED),
    rollout("response_item", type="reasoning", summary=[text("summary_text")]),
    rollout("response_item", type="function_call", name="shell", arguments=NOBODYS),
    rollout("response_item", type="function_call_output", output=NOBODYS),
    rollout("response_item", type="message", role="assistant",
            content=[text("output_text", ANSWERED)]),
    rollout("event_msg", type="agent_message", message=ANSWERED),
)  # fmt: skip
OPEN_WEBUI = [{"id": "c1", "title": "Lima", "chat": {
    "history": {"currentId": "b", "messages": {
        "old": {"id": "old", "parentId": None, "role": "user", "content": NOBODYS},
        "a": {"id": "a", "parentId": None, "role": "user", "content": ASKED, "timestamp": SECONDS},
        "b": {"id": "b", "parentId": "a", "role": "assistant", "model": "m", "content":
              f'<details type="reasoning" done="true">{NOBODYS}</details>\n{ANSWERED}'}}},
    "messages": [{"role": "user", "content": NOBODYS}]}}]  # fmt: skip


def deepseek(name, parent, *fragments):
    said = [{"type": kind, "content": content} for kind, content in fragments]
    message = {"inserted_at": Z, "model": "m", "fragments": said} if said else None
    return {"id": name, "parent": parent, "children": [], "message": message}


DEEPSEEK = [{"id": "c1", "title": "Lima", "mapping": {
    "root": deepseek("root", None), "1": deepseek("1", "root", ("REQUEST", ASKED)),
    "2": deepseek("2", "1", ("THINK", NOBODYS), ("SEARCH", NOBODYS), ("RESPONSE", ANSWERED)),
}}]  # fmt: skip


def grok(sender, message, milliseconds):
    when = {"$date": {"$numberLong": str(milliseconds)}}
    return {"response": {"_id": f"{sender}1", "sender": sender, "message": message,
                         "create_time": when, "thinking_trace": NOBODYS}}  # fmt: skip


GROK = {"conversations": [{"conversation": {"id": "c1", "title": "Lima"}, "responses": [
    grok("human", ASKED, SECONDS * 1_000), grok("ASSISTANT", ANSWERED, SECONDS * 1_000 + 5_000)]}],
    "projects": []}  # fmt: skip


def chatgpt():
    """An export with an edited message: only the branch that was kept counts."""

    def node(name, parent, role, words, **message):
        content = message.pop("content", {"content_type": "text", "parts": [words]})
        said = {"id": f"m-{name}", "author": {"role": role}, "content": content, **message}
        return {"id": name, "parent": parent, "children": [], "message": said if role else None}

    nodes = [
        node("root", None, "", ""),
        node("sys", "root", "system", NOBODYS),
        node("about", "sys", "user", "", content={
            "content_type": "user_editable_context", "user_profile": NOBODYS}),
        node("old", "about", "user", NOBODYS),
        node("a", "about", "user", ASKED, create_time=SECONDS),
        node("why", "a", "assistant", "", content={
            "content_type": "thoughts", "thoughts": [{"content": NOBODYS}]}),
        node("call", "why", "assistant", NOBODYS, recipient="browser"),
        node("tool", "call", "tool", NOBODYS),
        node("b", "tool", "assistant", ANSWERED, recipient="all", channel="final"),
    ]  # fmt: skip
    return {"conversation_id": "c1", "title": "Lima", "current_node": "b",
            "mapping": {each["id"]: each for each in nodes}}  # fmt: skip


def flattened(document):
    """A document as one array in which values are named by their index."""
    table, places = [], {}

    def place(value):
        if value is None:
            return -5
        key = json.dumps(value, sort_keys=True)
        if not isinstance(value, dict | list) and key in places:
            return places[key]
        index = places[key] = len(table)
        table.append(None)
        table[index] = value
        if isinstance(value, dict):
            table[index] = {f"_{place(name)}": place(inner) for name, inner in value.items()}
        elif isinstance(value, list):
            table[index] = [place(inner) for inner in value]
        return index

    place(document)
    return table


SHARED = {"loaderData": {"root": None, "share": {"serverResponse": {"data": chatgpt()}}}}
ENQUEUED = "<script>window.__reactRouterContext.streamController.enqueue({});</script>"
SHARED_PAGE = f"<html>{ENQUEUED.format(json.dumps(json.dumps(flattened(SHARED)) + chr(10)))}</html>"
PROMISED = [{"_1": 2}, "share", ["P", 7]]
PROMISED_PAGE = "<html>" + "".join(
    ENQUEUED.format(json.dumps(line)) for line in (json.dumps(PROMISED) + "\n", "P7:" + json.dumps(
        [{f"_{len(PROMISED) + 1}": len(PROMISED) + 2}, "messages",
         [len(PROMISED) + 3, len(PROMISED) + 7],
         {f"_{len(PROMISED) + 4}": len(PROMISED) + 5, f"_{len(PROMISED) + 6}": len(PROMISED) + 8},
         "role", "user", "text",
         {f"_{len(PROMISED) + 4}": len(PROMISED) + 9, f"_{len(PROMISED) + 6}": len(PROMISED) + 10},
         ASKED, "assistant", ANSWERED]) + "\n")) + "</html>"  # fmt: skip
CHAT_HTML = (
    "<!DOCTYPE html><html><head><script>\nvar jsonData = "
    + json.dumps([chatgpt()])
    + ";\nvar assetsJson = {};\nfunction load() { var x = [1]; }</script></head></html>"
)
ZEP = {"messages": [{"uuid": "z1", "role": "Ana", "role_type": "user", "content": ASKED,
                     "created_at": Z},
                    {"uuid": "z2", "role": "Pi", "role_type": "assistant", "content": ANSWERED,
                     "created_at": "2024-05-15T10:00:05Z"}]}  # fmt: skip
UNKNOWN_ROLE = [{"sender": "user", "text": ASKED}, {"sender": "Pi", "text": ANSWERED}]

PAIRED = {
    "OpenAI's chat": json.dumps({"messages": CHAT}),
    "OpenAI's chat as a list": json.dumps(CHAT),
    "a log of OpenAI's chat": lines({"messages": CHAT[:-1], "choices": [{"message": CHAT[-1]}]}),
    "OpenAI's fine-tuning lines": lines({"messages": CHAT}),
    "OpenAI's responses": json.dumps(RESPONSES),
    "OpenAI's response items": json.dumps(RESPONSE_ITEMS),
    "OpenAI's assistants": json.dumps(ASSISTANTS),
    "LangChain's dicts": json.dumps(LANGCHAIN),
    "LangChain's constructors": json.dumps(LANGCHAIN_LC),
    "LangChain's pairs": json.dumps([["system", NOBODYS], ["human", ASKED], ["ai", ANSWERED]]),
    "LangGraph's state": json.dumps(LANGGRAPH),
    "LlamaIndex' store": json.dumps(LLAMAINDEX),
    "Vercel's UI messages": json.dumps(VERCEL),
    "Vercel's model messages": json.dumps(VERCEL_CORE),
    "Anthropic's messages": json.dumps(ANTHROPIC),
    "Anthropic's lines": lines(*ANTHROPIC["messages"]),
    "ShareGPT": json.dumps([SHAREGPT]),
    "ShareGPT's lines": lines(SHAREGPT),
    "Gemini's Takeout": json.dumps(TAKEOUT),
    "AI Studio": json.dumps(AI_STUDIO),
    "Gemini's contents": json.dumps(GEMINI),
    "Claude Code": CLAUDE_CODE,
    "Codex": CODEX,
    "Open WebUI": json.dumps(OPEN_WEBUI),
    "DeepSeek": json.dumps(DEEPSEEK),
    "Grok": json.dumps(GROK),
    "ChatGPT's export": json.dumps([chatgpt()]),
    "ChatGPT's export without its end": json.dumps(chatgpt() | {"current_node": None}),
    "ChatGPT's chat.html": CHAT_HTML,
    "a shared page's references": SHARED_PAGE,
    "a shared page's promises": PROMISED_PAGE,
    "references alone": json.dumps(flattened(SHARED)),
    "Zep's messages": json.dumps(ZEP),
    "prompts and completions": lines({"prompt": ASKED, "completion": ANSWERED}),
    "an agent of no known role": json.dumps(UNKNOWN_ROLE),
    "an agent of no known name": f"User: {ASKED}\nPi: {ANSWERED}\n",
    "an agent of no known name in bold": f"**You**\n\n{ASKED}\n\n**Pi**\n\n{ANSWERED}\n",
    "an agent after a header": f"Model: pi-3\nUser: {ASKED}\nPi: {ANSWERED}\n",
    "a text with times": f"[10:00] User: {ASKED}\n[10:01] Assistant: {ANSWERED}\n",
}  # fmt: skip
"""Each is one turn: the question, and its answer."""

IOS = (
    "[15.05.24, 10:00:00] Ana: \u200eMessages and calls are end-to-end encrypted.\n"
    "[15.05.24, 10:00:00] Ana: I ski.\nA lot.\n"
    "[15.05.24, 10:00:05] Ben Ray: \u200eimage omitted\n"
    "[16.05.24, 09:30:00] Ben Ray: Me too.\n"
)
ANDROID = (
    "5/15/24, 10:00\u202fAM - Messages and calls are end-to-end encrypted. Tap to learn more.\n"
    "5/15/24, 10:00\u202fAM - Ana: I ski.\nA lot.\n"
    '5/15/24, 10:00\u202fAM - Ben Ray changed the subject to "Ski: 24"\n'
    "5/15/24, 10:00\u202fAM - Ben Ray: <Media omitted>\n"
    "5/16/24, 9:30\u202fAM - Ben Ray: Me too. <This message was edited>\n"
)
SLACK = [
    {"type": "message", "subtype": "channel_join", "user": "U1", "ts": "1.0", "text": NOBODYS},
    {"type": "message", "user": "U2", "ts": "1715851800.0002", "text": "Me too."},
    {"type": "message", "user": "U1", "ts": f"{SECONDS}.0001", "text": "I ski.\nA lot.",
     "user_profile": {"real_name": "Ana"}},
]  # fmt: skip
SLACK_FOLDER = {
    "users.json": [{"id": "U1", "name": "a", "profile": {"real_name": "Ana"}},
                   {"id": "U2", "real_name": "Ben Ray", "profile": {}}],
    "channels.json": [{"id": "C1", "name": "general"}],
    "general/2024-05-15.json": [SLACK[0], SLACK[2] | {"user_profile": None}],
    "general/2024-05-16.json": [SLACK[1]],
}  # fmt: skip
DISCORD = {"guild": {"id": "g"}, "channel": {"id": "d1", "name": "ski"}, "messages": [
    {"id": "1", "type": "GuildMemberJoin", "timestamp": Z, "content": NOBODYS,
     "author": {"name": "ana"}},
    {"id": "2", "type": "Default", "timestamp": Z, "content": "I ski.\nA lot.",
     "author": {"id": "9", "name": "ana", "nickname": "Ana", "isBot": False}},
    {"id": "3", "type": "Reply", "timestamp": "2024-05-16T09:30:00+00:00", "content": "Me too.",
     "author": {"id": "8", "name": "Ben Ray", "isBot": False}}]}  # fmt: skip

COMPANY = {
    "WhatsApp on iOS": IOS,
    "WhatsApp on Android": ANDROID,
    "Slack's day": json.dumps([SLACK[0], SLACK[2], SLACK[1] | {
        "user_profile": {"real_name": "Ben Ray"}}]),
    "Slack's folder": json.dumps(SLACK_FOLDER),
    "Discord": json.dumps(DISCORD),
}  # fmt: skip
"""What two people said to each other."""
