using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Access;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class RedactionTests
{
    /// <summary>What must not be kept, and what it looks like nowhere else in these tests.</summary>
    private static readonly string[] s_secrets =
    [
        ApiKey.From([.. Enumerable.Range(1, 32).Select(number => (byte)number)]),
        "sk-ant-api03-QQQQwwww_EEEErrrr-TTTT",
        "ghp_QQQQwwwwEEEErrrrTTTTyyyy",
        "AKIAQQQQWWWWEEEE",
        "eyJhbGciOi.eyJzdWIi-_x.QQQQ_wwww",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEQQQQ\nwwww==\n-----END RSA PRIVATE KEY-----",
        "ann.example+home@mail.example.org",
        "+49 (30) 1234 5678-90",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "192.168.17.4",
        "fe80::17:4",
        $"data:image/png;base64,{new string('Q', 40)}",
        new string('Q', 300),
    ];

    [Fact]
    public void Whatever_stands_around_it_a_secret_is_not_kept() =>
        Gen.Select(Gen.OneOf(s_secrets), Gen.String[Gen.Char["ab é漢\n,;()"], 0, 30], Gen.String[Gen.Char["ab é漢\n,;()"], 0, 30]).Sample((secret, before, after) =>
        {
            var (text, hidden) = Redaction.Of($"{before} {secret} {after}");
            return hidden > 0 && !text.Contains(secret, StringComparison.Ordinal) && text.StartsWith($"{before} [", StringComparison.Ordinal) && text.EndsWith($"] {after}", StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("Authorization: Bearer abcDEF123", "abcDEF123")]
    [InlineData("curl -u x -H 'authorization: Basic QQQQ=='", "QQQQ")]
    [InlineData("DB_PASSWORD=hunter2 ./run", "hunter2")]
    [InlineData("password = 'it is \\'long\\''\nx", "long")]
    [InlineData("{\"api_key\": \"a \\\"b\\\" c\", \"keep\": 1}", "b")]
    [InlineData("secret: \"it does not end", "end")]
    [InlineData("postgres://ann:hunter2@db/x", "hunter2")]
    [InlineData("Authorization: Digest username=ann, response=abcdef\nHost: x", "abcdef")]
    [InlineData("headers = { 'Authorization': `Token abcdef` }", "abcdef")]
    [InlineData("Cookie: theme=dark; session=abcdef\r\nHost: x", "abcdef")]
    [InlineData("\"{\\\"password\\\": \\\"hunter2\\\"}\"", "hunter2")]
    [InlineData("Server=x;Pwd=hunter2;AccountKey=abc==", "hunter2")]
    [InlineData("no 12345678901234567890123456789012345678901234567890", "5678")]
    public void What_a_name_or_a_place_gives_away_is_not_kept(string text, string secret)
    {
        var (clean, hidden) = Redaction.Of(text);

        Assert.DoesNotContain(secret, clean, StringComparison.Ordinal);
        Assert.True(hidden > 0);
    }

    [Theory]
    [InlineData("How do I change my password?")]
    [InlineData("On 2026-11-29 at 12:30:45, 17 of 99999999 tokens")]
    [InlineData("task-management, risk-based; https://example.org/a?b=c")]
    [InlineData("from 2026-11-29 2026-11-30 to 2026-12-01")]
    [InlineData("I have basic knowledge; bearer tokens are basic understanding")]
    [InlineData("version 1.2.3 of a::very::long::path")]
    [InlineData("```\nfor (var i = 0; i < 10; i++) { }\n```")]
    [InlineData("Grüße, 你好")]
    public void What_is_no_secret_stays(string text) => Assert.Equal((text, 0), Redaction.Of(text));

    [Fact]
    public void A_body_keeps_its_shape_and_loses_its_secrets()
    {
        var kept = AskedText.Of("""{"model":"m","max_tokens":50,"api_key":"plain word","messages":[{"role":"user","content":[{"type":"text","text":"I am a@b.example, \u00e9"}]}],"tools":[{"token":{"type":"string"}}]}"""u8.ToArray())!;

        Assert.Equal("""{"model":"m","max_tokens":50,"api_key":"[secret]","messages":[{"role":"user","content":[{"type":"text","text":"I am [e-mail], é"}]}],"tools":[{"token":{"type":"string"}}]}""", Encoding.UTF8.GetString(kept.Json));
        Assert.Equal((2, false), (kept.Hidden, kept.IsCut));
    }

    [Fact]
    public void Names_and_numbers_of_a_body_are_no_place_for_secrets_either()
    {
        var kept = AskedText.Of("""{"sk-QQQQwwwwEEEErrrr":1,"accessToken":"word","password":1234,"seed":1234567890}"""u8.ToArray())!;

        Assert.Equal("""{"[key]":1,"accessToken":"[secret]","password":"[secret]","seed":1234567890}""", Encoding.UTF8.GetString(kept.Json));
        Assert.Equal(3, kept.Hidden);
    }

    [Fact]
    public void Of_long_texts_the_beginning_is_kept_and_of_many_no_more_than_is_bearable()
    {
        var words = string.Concat(Enumerable.Repeat("word ", AskedText.LongestText / 4));
        var body = new JsonObject { ["messages"] = new JsonArray([.. Enumerable.Range(0, 20).Select(_ => (JsonNode)new JsonObject { ["content"] = words })]) };
        var kept = AskedText.Of(Encoding.UTF8.GetBytes(body.ToJsonString()))!;
        string[] texts = [.. JsonNode.Parse(kept.Json)!["messages"]!.AsArray().Select(message => (string)message!["content"]!)];

        Assert.True(kept.IsCut);
        Assert.Equal(words[..AskedText.LongestText] + AskedText.Cut, texts[0]);
        Assert.Equal(AskedText.Cut, texts[^1]);
        Assert.InRange(texts.Sum(text => text.Length), AskedText.MostText, AskedText.MostText + 20 * AskedText.Cut.Length);
    }

    [Fact]
    public void A_cut_leaves_no_half_of_a_character() =>
        Assert.Equal("a" + AskedText.Cut, AskedText.Shortened("a😀b", 2));

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"\\ud800\":1}")]
    public void What_cannot_be_read_is_not_kept(string body) => Assert.Null(AskedText.Of(Encoding.UTF8.GetBytes(body)));

    /// <summary>Each piece of it looks like nothing.</summary>
    [Fact]
    public void A_secret_that_comes_in_pieces_is_not_kept() => Gen.Select(Gen.OneOf(s_secrets), Gen.Int[1, 9]).Sample((secret, length) =>
    {
        var answer = new AnswerText(isStream: true);
        foreach (var piece in $"Here: {secret} !".Chunk(length).Select(letters => new string(letters)))
            answer.Push(Encoding.UTF8.GetBytes($"data: {new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { ["content"] = piece } }) }.ToJsonString()}\n\n"));
        answer.Push("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8);
        var kept = answer.End();

        return kept is { Hidden: > 0, Finish: "stop", IsCut: false, Text: { } text } && text.StartsWith("Here: [", StringComparison.Ordinal) && text.EndsWith("] !", StringComparison.Ordinal);
    });

    [Fact]
    public void Thoughts_and_calls_are_put_together()
    {
        var answer = new AnswerText(isStream: true);
        answer.Push("""
            data: {"choices":[{"delta":{"reasoning_content":"I "}}]}

            data: {"choices":[{"delta":{"reasoning_content":"think"}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"mail","arguments":"{\"to\":"}}]}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"a@b.example\"}"}},{"index":1,"id":"b","function":{"name":"clock","arguments":"{}"}}]}}]}


            """u8);
        var kept = answer.End();

        Assert.Equal((null, "I think", 1), (kept.Text, kept.Thought, kept.Hidden));
        Assert.Equal([new KeptCall("mail", "{\"to\":\"[e-mail]\"}"), new KeptCall("clock", "{}")], kept.Calls);
    }

    [Fact]
    public void However_many_calls_an_answer_makes_it_takes_no_more_room_than_that()
    {
        var answer = new AnswerText(isStream: true);
        for (var number = 0; number < 40; number++)
        {
            var call = new JsonObject { ["index"] = number, ["id"] = $"c{number}", ["function"] = new JsonObject { ["name"] = "t", ["arguments"] = string.Concat(Enumerable.Repeat("word ", 20_000)) } };
            answer.Push(Encoding.UTF8.GetBytes($"data: {new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { ["tool_calls"] = new JsonArray(call) } }) }.ToJsonString()}\n\n"));
        }

        Assert.InRange(answer.Size, AnswerText.Longest, sizeof(char) * AnswerText.Longest);
        var kept = answer.End();
        Assert.True(kept.IsCut);
        Assert.InRange(kept.Calls.Length, 2, 11);
        Assert.InRange(kept.Calls.Sum(call => call.Arguments.Length), AskedText.MostText, AskedText.MostText + 11 * AskedText.Cut.Length);
    }

    [Fact]
    public void A_whole_answer_may_come_in_any_pieces()
    {
        var answer = new AnswerText(isStream: false);
        foreach (var part in """{"choices":[{"message":{"content":"ok, 192.168.1.1."},"finish_reason":"stop"}]}"""u8.ToArray().Chunk(7)) answer.Push(part);
        var kept = answer.End();

        Assert.Equal(("ok, [address].", "stop"), (kept.Text, kept.Finish));
    }
}
