"""The retriever, as LangChain calls it."""

import asyncio

from langchain_core.runnables import RunnableLambda

from keepsake_client.adapters.langchain import KeepsakeRetriever


def test_a_retriever_finds_what_a_user_said_and_says_where_it_is_from(client, user):
    for text, channel in (("I am allergic to peanuts.", "mail"), ("I live in Lisbon.", "chat")):
        client.memory.add(text, user_id=user, metadata={"channel": channel}).result()
    retriever = KeepsakeRetriever(client=client, user_id=user, top_k=1)

    found = retriever.invoke("What may I not eat?")
    assert [document.page_content for document in found] == ["I am allergic to peanuts."]
    assert found[0].metadata.items() >= {"kind": "turn", "channel": "mail"}.items()
    assert client.memory.get(found[0].id, user_id=user).content == found[0].page_content
    assert asyncio.run(retriever.ainvoke("What may I not eat?")) == found
    chain = retriever | RunnableLambda(lambda documents: documents[0].page_content)
    assert chain.invoke("Where do I live?") == "I live in Lisbon."


def test_kinds_and_metadata_narrow_what_is_found(client, user):
    client.memory.add("I like figs.", user_id=user, metadata={"channel": "mail"}).result()
    client.memory.add("I like plums.", user_id=user).result()

    def found(**options):
        documents = KeepsakeRetriever(client=client, user_id=user, **options).invoke("fruit I like")
        return {(each.metadata["kind"], each.page_content) for each in documents}

    assert found(metadata_filter={"channel": "mail"}, kinds=["turn"]) == {("turn", "I like figs.")}
    assert {kind for kind, _ in found(kinds=["memory"])} == {"memory"}


def test_nothing_that_shows_a_retriever_has_the_key(client, user):
    import os

    retriever = KeepsakeRetriever(client=client, user_id=user)

    shown = f"{retriever!r} {retriever.model_dump()} {retriever.to_json()}"
    assert os.environ["KEEPSAKE_API_KEY"] not in shown
