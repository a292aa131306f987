using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Storage;
using Microsoft.Extensions.Logging.Console;

namespace Helix.Daemon;

/// <summary>The daemon writes one line a message to its output, which the keeper appends to <c>logs/helix/daemon.log</c>.</summary>
internal static class ConsoleLog
{
    /// <returns>What writes the lines: in the form that the configuration names now, and by <see cref="LogFormatter.Follow"/> in the one that it names later.</returns>
    public static LogFormatter AddTo(ILoggingBuilder logging, HelixHome home)
    {
        var formatter = new LogFormatter(TimeProvider.System, IsJson(home));
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        // nothing of what it could say is wanted, and as long as it might, each request is given an activity of its own
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.Services.AddSingleton<ConsoleFormatter>(formatter);
        logging.AddConsole(console => console.FormatterName = LogFormatter.Called);
        return formatter;
    }

    /// <summary>What is logged before the configuration has its owner is written as it says, too. Where it is broken, the last good one holds.</summary>
    private static bool IsJson(HelixHome home) =>
        (ConfigFile.Load(home.Config) as ConfigOutcome.Good ?? ConfigFile.Load(home.LastGoodConfig) as ConfigOutcome.Good) is { Config.Logging.IsJson: true };
}
