using Helix.Cli;
using Helix.Tests.Cli.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Cli;

public sealed class ChatTests
{
    private const string Chat = "POST /v1/chat/completions";

    private static readonly string[] s_answer =
    [
        """data: {"choices":[{"delta":{"role":"assistant"}}]}""",
        """data: {"choices":[{"delta":{"content":"Hel"}}]}""",
        """data: {"choices":[{"delta":{"content":"lo"}}]}""",
        """data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""",
        """data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}""",
        "data: [DONE]",
    ];

    [Fact]
    public async Task An_answer_goes_to_stdout_and_nothing_else_does()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Streams(Chat, s_answer);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("chat", "tiny", "Say hello", "--stats"));

        Assert.Equal("Hello\n", line.Out);
        Assert.StartsWith("(2 tokens, the first after ", line.Error);
        Assert.Equal("""{"model":"tiny","messages":[{"role":"user","content":"Say hello"}],"stream":true,"stream_options":{"include_usage":true}}""", daemon.Asked.Last().Body);
    }

    [Theory]
    [InlineData(new[] { "chat", "What is a helix?" }, "", "\"model\":\"auto\"", "What is a helix?")]
    [InlineData(new[] { "chat" }, "from a pipe\n", "\"model\":\"auto\"", "\"content\":\"from a pipe\"")]
    [InlineData(new[] { "chat", "builtin/tiny", "hello" }, "", "\"model\":\"builtin/tiny\"", "hello")]
    [InlineData(new[] { "chat", "auto", "@nobody, are you there?" }, "", "\"model\":\"auto\"", "@nobody, are you there?")]
    [InlineData(new[] { "chat", "tiny" }, "two\nlines\n", "\"model\":\"tiny\"", "two\\nlines")]
    public async Task Model_and_prompt_are_told_apart(string[] args, string stdin, string model, string prompt)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.In = new StringReader(stdin);
        daemon.Streams(Chat, s_answer);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync(args));

        Assert.Contains(model, daemon.Asked.Last().Body);
        Assert.Contains(prompt, daemon.Asked.Last().Body);
    }

    [Fact]
    public async Task A_name_of_the_configuration_is_a_model_too()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Aliases = ["fast"] };
        daemon.Streams(Chat, s_answer);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("chat", "fast", "hello"));

        Assert.Contains("\"model\":\"fast\"", daemon.Asked.Last().Body);
    }

    [Fact]
    public async Task Failures_are_readable_and_have_their_codes()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var text = await line.TranscriptAsync("chat", "nosuch", "hello");
        text += await line.TranscriptAsync("chat", "tiny");
        daemon.On(Chat, ctx => Error(ctx, 503, """{"error":{"message":"tiny is still loading","type":"server_error","code":"model_not_ready"}}"""));
        text += await line.TranscriptAsync("chat", "tiny", "hello");
        daemon.On(Chat, ctx => Error(ctx, 400, """{"error":{"message":"the prompt is longer than the context","type":"invalid_request_error","code":null}}"""));
        text += await line.TranscriptAsync("chat", "tiny", "hello");
        daemon.On(Chat, ctx => Error(ctx, 502, ""));
        text += await line.TranscriptAsync("chat", "tiny", "hello");
        daemon.Streams(Chat, ": loading tiny: 40 %", s_answer[1], """data: {"error":{"message":"the engine crashed","type":"server_error"}}""");
        text += await line.TranscriptAsync("chat", "tiny", "hello");
        daemon.Streams(Chat, s_answer[1]);
        text += await line.TranscriptAsync("chat", "tiny", "hello");
        daemon.On(Chat, async ctx =>
        {
            await ctx.Response.WriteAsync(s_answer[1] + "\n\n");
            await ctx.Response.Body.FlushAsync();
            await Eventually.TrueAsync(() => line.Out.EndsWith("Hel", StringComparison.Ordinal), "the client shows what came");
            ctx.Abort();
        });
        text += await line.TranscriptAsync("chat", "tiny", "hello");

        GoldenFile.Check("chat-failures", text);

        static Task Error(HttpContext context, int status, string body)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        }
    }

    [Fact]
    public async Task A_conversation_remembers_and_knows_its_commands()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.IsTerminal = true;
        line.In = new StringReader("/help\n/model\n/model nosuch\n/model tiny\n\none\n/nonsense\ntwo\n/exit\nnever said\n");
        daemon.Streams(Chat, s_answer);

        GoldenFile.Check("chat-loop", await line.TranscriptAsync("chat"));
        Assert.Contains("""[{"role":"user","content":"one"},{"role":"assistant","content":"Hello"},{"role":"user","content":"two"}]""", daemon.Asked.Last().Body);
    }

    [Fact]
    public async Task An_interrupt_ends_the_answer_and_the_next_one_leaves()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var typing = new Typist("one");
        line.IsTerminal = true;
        line.In = typing;
        var gone = new TaskCompletionSource();
        daemon.On(Chat, async ctx =>
        {
            await ctx.Response.WriteAsync(s_answer[1] + "\n\n");
            await ctx.Response.Body.FlushAsync();
            ctx.RequestAborted.Register(() => gone.TrySetResult());
            await gone.Task;
        });
        var run = line.RunAsync("chat");

        await Eventually.TrueAsync(() => line.Out.Contains("Hel", StringComparison.Ordinal), "the answer begins");
        line.Interrupts.Strike();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => typing.Asked == 2, "the prompt is there again");
        line.Interrupts.Strike();

        Assert.Equal(ExitCodes.Interrupted, await run);
        Assert.Equal("Hel\n", line.Out);
    }

    /// <summary>Types one line and then nothing more.</summary>
    private sealed class Typist(string line) : TextReader
    {
        private readonly ManualResetEventSlim _never = new();
        private int _asked;

        public int Asked => _asked;

        public override string? ReadLine()
        {
            if (Interlocked.Increment(ref _asked) == 1) return line;
            _never.Wait(TimeSpan.FromSeconds(60));
            return null;
        }
    }
}
