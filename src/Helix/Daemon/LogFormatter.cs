using Helix.Configuration;
using Helix.Core.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Helix.Daemon;

/// <summary>Writes each message of the daemon as a line of text or of JSON.</summary>
/// <param name="isJson">Until it follows a configuration.</param>
internal sealed class LogFormatter(TimeProvider time, bool isJson) : ConsoleFormatter(Called)
{
    public const string Called = "helix";

    /// <summary>The message before its parts were put in, among these: it is no part.</summary>
    private const string Template = "{OriginalFormat}";

    private Func<bool>? _isJson;

    /// <summary>From now on, lines have the form that is configured at their moment.</summary>
    public void Follow(IConfigView config) => Volatile.Write(ref _isJson, () => config.Current.Logging.IsJson);

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new LogLine(time.GetUtcNow(), (int)logEntry.LogLevel, logEntry.Category, logEntry.Formatter(logEntry.State, logEntry.Exception), logEntry.Exception?.ToString());
        textWriter.Write((Volatile.Read(ref _isJson)?.Invoke() ?? isJson) ? line.Json(FieldsOf(logEntry.State)) : line.Text(logEntry.EventId.Id));
        textWriter.Write('\n');
    }

    private static IEnumerable<KeyValuePair<string, object?>> FieldsOf<TState>(TState state) =>
        state is IEnumerable<KeyValuePair<string, object?>> parts ? parts.Where(part => part.Key != Template) : [];
}
