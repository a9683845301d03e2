"""The Redis keys of activation requests."""

from functools import partial

from service.storage.form import key

#: Set: the slugs that threads were opened for, as they were then.
SLUGS_KEY = key("feedback", "slugs")

#: Counter: each activity in any thread has the next number, by which threads are sorted.
SEQUENCE_KEY = key("feedback", "sequence")

#: Stream: what has become of threads, for webhooks; the newest 10,000 or a few more. Nobody's name or words are in it.
EVENTS_KEY = key("feedback", "events")

#: Sorted set: the token buckets of accounts, for messages; see service/storage/lua/token_bucket.lua.
BUCKETS_KEY = key("feedback", "buckets")

#: The hash of one thread; its fields are listed in lua/threads.lua.
thread_key = partial(key, "feedback", "thread")

#: The list of a thread's messages, six items each.
messages_key = partial(key, "feedback", "messages")

#: The sorted set of an account's threads, by their latest activity.
of_key = partial(key, "feedback", "of")

#: The hash of an account's open threads: slug -> thread id, under each name that the module had at that time.
open_key = partial(key, "feedback", "open")

#: The sorted set of the threads of a stored status and slug, such as `open:sms_campaign`: unread ones last.
queue_key = partial(key, "feedback", "queue")

#: The set of the threads in which an account has spoken as an admin.
answers_key = partial(key, "feedback", "answers")

#: What every script of threads is called with: see lua/threads.lua.
FEEDBACK_KEYS = [
    *(of("") for of in (thread_key, messages_key, of_key, open_key, queue_key, answers_key)),
    *(SLUGS_KEY, SEQUENCE_KEY, EVENTS_KEY, BUCKETS_KEY),
]
