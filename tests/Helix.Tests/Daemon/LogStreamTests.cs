using System.Text;
using System.Text.Json.Nodes;
using Helix.Daemon;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Daemon;

public sealed class LogStreamTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-log-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lines_come_as_events_and_begin_none_of_their_own()
    {
        var file = Write("builtin-m.log", "one\n\nevent: snapshot\ndata: {\"a\":1}\n<script>alert(1)</script>\n");

        var events = await ReadAsync(stream => stream.SendAsync(3, follows: false, CancellationToken.None), [file]);

        Assert.Equal(["begin", "lines"], events.Select(each => each.Name));
        Assert.Equal("""{"files":["builtin-m"]}""", events[0].Data.ToJsonString());
        Assert.Equal(["event: snapshot", "data: {\"a\":1}", "<script>alert(1)</script>"], events[1].Data["lines"]!.AsArray().Select(line => (string?)line));
    }

    [Fact]
    public async Task What_is_written_later_comes_too_until_the_daemon_goes()
    {
        var file = Write("a.log", "one\n");
        using var stopping = new CancellationTokenSource();
        var context = new DefaultHttpContext();
        var sent = new Growing();
        context.Response.Body = sent;
        var sending = new LogStream(context, () => Directory.EnumerateFiles(_folder.FullName, "*.log").Order(StringComparer.Ordinal), static () => true, TimeProvider.System).SendAsync(10, follows: true, stopping.Token);
        await Eventually.TrueAsync(() => sent.Text.Contains("\"one\"", StringComparison.Ordinal));

        await File.AppendAllTextAsync(file, "two\nthr", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => sent.Text.Contains("\"two\"", StringComparison.Ordinal));
        Write("b.log", "other\n");
        await Eventually.TrueAsync(() => sent.Text.Contains("\"other\"", StringComparison.Ordinal));
        Assert.DoesNotContain("thr", sent.Text, StringComparison.Ordinal);
        await stopping.CancelAsync();

        await sending.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_is_signed_out_meanwhile_reads_no_more()
    {
        var file = Write("a.log", "one\n");
        var looks = 0;

        var events = await ReadAsync(stream => stream.SendAsync(10, follows: true, CancellationToken.None), [file], () => looks++ == 0);

        Assert.Equal(["begin", "lines", "signed-out"], events.Select(each => each.Name));
    }

    [Fact]
    public async Task Objects_in_the_log_of_helix_are_told_in_words_and_those_of_engines_as_they_are()
    {
        const string Written = """{"time":"2026-11-29T10:00:00.000Z","level":"warning","category":"Helix.Speaker","message":"it failed\nagain","fields":{}}""";
        var (engine, own) = (Write("builtin-m.log", Written + "\n"), Write("daemon.log", $"a line of text\n{Written}\n"));

        var events = await ReadAsync(stream => stream.SendAsync(3, follows: false, CancellationToken.None), [engine, own], isOwn: file => file == own);

        Assert.Equal([Written], events[1].Data["lines"]!.AsArray().Select(line => (string?)line));
        Assert.Equal(["a line of text", "2026-11-29T10:00:00.000Z warn: Helix.Speaker it failed again"], events[2].Data["lines"]!.AsArray().Select(line => (string?)line));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<List<(string Name, JsonNode Data)>> ReadAsync(Func<LogStream, Task> send, string[] files, Func<bool>? mayGoOn = null, Func<string, bool>? isOwn = null)
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await send(new LogStream(context, () => files, mayGoOn ?? (static () => true), TimeProvider.System) { IsOwn = isOwn ?? (static _ => false) });
        Assert.Equal("text/event-stream", context.Response.ContentType);
        return [.. Encoding.UTF8.GetString(body.ToArray()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(frame => frame.Split('\n')).Select(lines => (lines[0]["event: ".Length..], JsonNode.Parse(lines.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!))];
    }

    /// <summary>May be read while it is written.</summary>
    private sealed class Growing : MemoryStream
    {
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_text) _text.Append(Encoding.UTF8.GetString(buffer.Span));
            return ValueTask.CompletedTask;
        }
    }
}
