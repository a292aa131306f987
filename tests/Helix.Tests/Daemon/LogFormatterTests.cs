using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Daemon;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Daemon;

/// <summary>What a message of the program becomes in the daemon's log.</summary>
public sealed partial class LogFormatterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private readonly Switched _config = new();

    [Fact]
    public void A_message_is_text_or_an_object_with_its_parts_as_the_configuration_says_now()
    {
        var formatter = new LogFormatter(_time, isJson: true);
        Assert.StartsWith("{\"time\":\"2026-11-29T10:00:00.000Z\",\"level\":\"warning\",", Said(formatter), StringComparison.Ordinal);

        formatter.Follow(_config);
        Assert.Matches("^2026-11-29T10:00:00\\.000Z warn: Helix\\.Speaker\\[-?[0-9]+\\] vllm failed 3 times\n$", Said(formatter));

        _config.Current = HelixConfig.Default with { Logging = new(LoggingConfig.Json) };
        var said = Said(formatter);
        Assert.Equal(
            """{"time":"2026-11-29T10:00:00.000Z","level":"warning","category":"Helix.Speaker","message":"vllm failed 3 times","fields":{"Engine":"vllm","Times":3}}""" + "\n", said);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_that_come_from_outside_forge_no_line(bool isJson)
    {
        const string Forged = "x failed\n2026-11-29T10:00:00.000Z crit: Helix.Security all is lost\r\u001b[2J\u2028\",\"level\":\"critical\",\"message\":\"";
        var said = Said(new LogFormatter(_time, isJson), Forged);

        Assert.EndsWith("\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain(said[..^1], letter => char.IsControl(letter) || letter == '\u2028');
        if (!isJson) return;
        var read = JsonNode.Parse(said)!;
        Assert.Equal(("warning", Forged), ((string?)read["level"], (string?)read["fields"]!["Engine"]));
    }

    [Fact]
    public async Task The_form_is_known_before_the_configuration_has_its_owner()
    {
        using var temporary = new TemporaryHome();
        Assert.False(await IsJsonAsync(temporary.Home.Config, ""));
        Assert.True(await IsJsonAsync(temporary.Home.Config, "logging:\n  format: json\n"));
        Assert.False(await IsJsonAsync(temporary.Home.Config, "logging: ["));
        await WriteAsync(temporary.Home.LastGoodConfig, "logging:\n  format: json\n");
        Assert.True(await IsJsonAsync(temporary.Home.Config, "logging: ["));

        async Task<bool> IsJsonAsync(string file, string text)
        {
            await WriteAsync(file, text);
            LogFormatter? formatter = null;
            using var factory = LoggerFactory.Create(logging => formatter = ConsoleLog.AddTo(logging, temporary.Home));
            return Said(formatter!).StartsWith('{');
        }

        static Task WriteAsync(string file, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }
    }

    private static string Said(LogFormatter formatter, string engine = "vllm")
    {
        var log = new Speaking(formatter);
        LogFailed(log, engine, 3);
        return log.Said;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Engine} failed {Times} times")]
    private static partial void LogFailed(ILogger log, string engine, int times);

    /// <summary>Hands on what is logged as the console's logger does.</summary>
    private sealed class Speaking(LogFormatter lines) : ILogger
    {
        public string Said { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var writer = new StringWriter();
            lines.Write(new LogEntry<TState>(logLevel, "Helix.Speaker", eventId, state, exception, formatter), null, writer);
            Said += writer.ToString();
        }
    }

    private sealed class Switched : IConfigView
    {
        public HelixConfig Current { get; set; } = HelixConfig.Default;

        public long Version => 0;

        public IReadOnlyList<string> Problems => [];

        public Task ChangedAsync(long version, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
