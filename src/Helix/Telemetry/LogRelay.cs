namespace Helix.Telemetry;

/// <summary>Hands what helix logs on to somebody beside the console. While nobody is named, each message costs one look at a field.</summary>
internal sealed class LogRelay : ILoggerProvider
{
    private ILoggerProvider? _to;

    public ILogger CreateLogger(string categoryName) => new Branch(this, categoryName);

    /// <param name="to">Who has what is logged from now on, and belongs to the caller; null: nobody.</param>
    public void Point(ILoggerProvider? to) => Volatile.Write(ref _to, to);

    public void Dispose() => Point(null);

    /// <param name="category">Who speaks.</param>
    private sealed class Branch(LogRelay relay, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => Volatile.Read(ref relay._to) is not null && logLevel != LogLevel.None;

        // whoever it goes to keeps the loggers that it made
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Volatile.Read(ref relay._to)?.CreateLogger(category).Log(logLevel, eventId, state, exception, formatter);
    }
}
