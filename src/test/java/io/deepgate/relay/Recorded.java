package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** Answers as upstreams send them, and what a meter has to read in them. */
enum Recorded {

    /** DeepSeek: keep-alive comments while queued, reasoning, text, then the usage on the finish chunk. */
    DEEPSEEK("""
            : keep-alive

            : keep-alive

            data: {"id":"a1","object":"chat.completion.chunk","created":1790000000,"model":"deepseek-v4-flash-1124","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""},"logprobs":null,"finish_reason":null}]}

            data: {"id":"a1","model":"deepseek-v4-flash-1124","choices":[{"index":0,"delta":{"reasoning_content":"Überlegen: \\"usage\\":{\\"completion_tokens\\":999}"},"finish_reason":null}]}

            : keep-alive

            data: {"id":"a1","model":"deepseek-v4-flash-1124","choices":[{"index":0,"delta":{"content":"Hallo 🚀 \\u00fc\\n\\n"},"finish_reason":null}]}

            data: {"id":"a1","model":"deepseek-v4-flash-1124","choices":[{"index":0,"delta":{"content":"data: [DONE]"},"finish_reason":null}]}

            data: {"id":"a1","model":"deepseek-v4-flash-1124","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":42,"total_tokens":142,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":17},"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}}

            data: [DONE]

            """, new TokenUsage(64, 36, 42, 17, false), 4, "deepseek-v4-flash-1124"),

    /** The same with CRLF at the end of each line. */
    CRLF(DEEPSEEK.text.replace("\n", "\r\n"), DEEPSEEK.usage, DEEPSEEK.pieces, DEEPSEEK.model),

    /** vLLM: {@code usage: null} on every chunk, then the usage on a chunk of its own without choices. */
    VLLM("""
            data: {"id":"c","object":"chat.completion.chunk","model":"deepseek-ai/V4","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

            data: {"id":"c","object":"chat.completion.chunk","model":"deepseek-ai/V4","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}

            data: {"id":"c","object":"chat.completion.chunk","model":"deepseek-ai/V4","choices":[{"index":0,"delta":{"content":" you"},"finish_reason":"stop"}],"usage":null}

            data: {"id":"c","object":"chat.completion.chunk","model":"deepseek-ai/V4","choices":[],"usage":{"prompt_tokens":9,"total_tokens":12,"completion_tokens":3}}

            data: [DONE]

            """, new TokenUsage(0, 9, 3, 0, false), 3, "deepseek-ai/V4"),

    /** Tool calls in pieces, and fields of an event that no client of OpenAI's needs. */
    TOOLS("""
            id: 7
            event: message
            data:{"model":"m","choices":[{"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}}]}

            retry: 10
            data:  {"model":"m","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"usage\\":"}}]}}]}

            data: {"model":"m","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"prompt_tokens\\":7}}"}}]}}]}
            :comment in the event

            data: { "usage" : { "completion_tokens" : 30 , "prompt_tokens" : 20 } , "choices" : [ { "finish_reason" : "tool_calls" , "delta" : { } } ] , "model" : "m" }

            data:[DONE]

            """, new TokenUsage(0, 20, 30, 0, false), 4, "m"),

    /** No usage at all: 14 ASCII characters are 5 tokens when rounded up, beside the 50 of the prompt. */
    NO_USAGE("""
            data: {"model":"m","choices":[{"delta":{"content":"Hello, "}}]}

            data: {"model":"m","choices":[{"delta":{"content":"world. "},"finish_reason":"length"}]}

            data: [DONE]

            """, new TokenUsage(0, 50, 5, 0, true), 3, "m"),

    /** One document after the blank lines by which DeepSeek keeps the connection open. */
    DOCUMENT("""



            {"id":"b2","object":"chat.completion","model":"deepseek-v4-pro",
             "usage":{"completion_tokens":8,"prompt_cache_hit_tokens":0,"prompt_tokens":31,"x":[1,{"prompt_tokens":5}]},
             "choices":[{"index":0,"message":{"role":"assistant","content":"\\"usage\\":{\\"prompt_tokens\\":1} ü🚀",
               "reasoning_content":"Hm."},"finish_reason":"stop"}], "system_fingerprint":"fp" }
            """, new TokenUsage(0, 31, 8, 0, false), 3, "deepseek-v4-pro");

    static final List<Recorded> STREAMS = List.of(DEEPSEEK, CRLF, VLLM, TOOLS, NO_USAGE);

    final String text;
    final TokenUsage usage;
    final int pieces;
    final String model;

    Recorded(String text, TokenUsage usage, int pieces, String model) {
        this.text = text;
        this.usage = usage;
        this.pieces = pieces;
        this.model = model;
    }

    byte[] bytes() {
        return text.getBytes(UTF_8);
    }
}
