using System.CommandLine;
using System.Text;
using Helix.Cli;
using Helix.Core.Hardware;
using Helix.Tests.Fakes;

namespace Helix.Tests.Cli.Fakes;

/// <summary>Runs helix's command line in this process, and keeps what it said.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly SharedWriter _out = new();
    private readonly SharedWriter _error = new();

    public FakeKeeper Keeper { get; } = new();

    public Interrupts Interrupts { get; } = new();

    public TemporaryHome Temporary => _temporary;

    /// <summary>What comes over stdin, or is typed.</summary>
    public TextReader In { get; set; } = new StringReader("");

    public bool IsTerminal { get; set; }

    /// <summary>What is typed where nothing of it is shown.</summary>
    public Func<string?> Hidden { get; set; } = () => null;

    public bool Colours { get; set; }

    public ServicePlace? Service { get; set; }

    /// <summary>The user's folder, with the settings of programs.</summary>
    public string User => Path.Combine(_temporary.Home.Root, "user");

    /// <summary>What the doctor measures; null: the real machine.</summary>
    public Func<string?, PreflightFacts>? Measured { get; set; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public static CommandLine With(FakeDaemon daemon)
    {
        var line = new CommandLine();
        line.Keeper.Socket = daemon.Socket;
        return line;
    }

    public Task<int> RunAsync(params string[] args) => CliVerb.RunAsync(args, World());

    public RootCommand Tree() => CommandTree.Create(World());

    /// <summary>Runs, and writes down the whole: command, both outputs, exit code.</summary>
    public async Task<string> TranscriptAsync(params string[] args)
    {
        _out.Clear();
        _error.Clear();
        var code = await RunAsync(args);
        var text = new StringBuilder($"$ helix {string.Join(' ', args.Select(arg => arg.Contains(' ', StringComparison.Ordinal) ? $"\"{arg}\"" : arg))}\n").Append(Out);
        if (Error.Length > 0) text.Append("--- stderr\n").Append(Error);
        return text.Append($"--- exit {code}\n\n")
            .Replace(_temporary.Home.Root, "HOME").Replace(RootCommand.ExecutableName, "helix").ToString();
    }

    private CliWorld World() => Measured is { } measured ? Plain() with { Measure = (address, _) => Task.FromResult(measured(address)) } : Plain();

    private CliWorld Plain() => new(
        new Terminal(() => In, _out, _error, OutIsTerminal: IsTerminal, ErrorIsTerminal: IsTerminal, InIsTerminal: IsTerminal) { Colours = Colours, Hidden = Hidden },
        _temporary.Home, new FixedClock(FakeDaemon.Moment), Keeper, Interrupts)
    {
        Service = Service ?? new(ServiceKind.None, "/opt/helix/helix", null, "ann", "/nowhere", "/nowhere"),
        Places = new(User, IsMac: false, _ => null),
    };

    public void Dispose() => _temporary.Dispose();

    /// <summary>Tells one and the same date for ever, while timers and time spans go on.</summary>
    private sealed class FixedClock(DateTimeOffset moment) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => moment;
    }

    /// <summary>May be read while a verb still writes.</summary>
    private sealed class SharedWriter : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly Lock _reading = new(); // keeps a half written text from the reader

        public SharedWriter() => NewLine = "\n";

        public override Encoding Encoding => Encoding.UTF8;

                public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_reading) _text.Append(buffer);
        }

        public void Clear()
        {
            lock (_reading) _text.Clear();
        }

        public override string ToString()
        {
            lock (_reading) return _text.ToString();
        }
    }
}
