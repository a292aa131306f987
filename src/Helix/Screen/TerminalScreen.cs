using System.Runtime.InteropServices;
using Helix.Core.Screen;

namespace Helix.Screen;

/// <summary>The terminal of this process. It is given back on every way out that leaves a process time for it, a crash among them.</summary>
internal sealed class TerminalScreen : IScreen
{
    /// <summary>How long a key that is typed after the end is not left to the shell.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private static readonly (int Width, int Height) s_assumed = (80, 24);

    private readonly TextWriter _out;
    private readonly byte[]? _usual;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Lock _mode = new(); // a crash gives back on its own thread what the loop is about to take or give back
    private PosixSignalRegistration? _stops;
    private Action<ScreenHappening> _happened = static _ => { };
    private bool _isTaken;
    private volatile bool _isOver;

    public TerminalScreen(TextWriter output)
    {
        (_out, _usual) = (output, NativeTerminal.Mode());
        AppDomain.CurrentDomain.UnhandledException += GiveBack;
        AppDomain.CurrentDomain.ProcessExit += GiveBack;
    }

    public (int Width, int Height) Size => NativeTerminal.Size() ?? s_assumed;

    public void Enter()
    {
        lock (_mode)
        {
            if (_isOver) return;
            if (_usual is not null) NativeTerminal.Set(NativeTerminal.Raw(_usual));
            _isTaken = true;
            Write(ScreenPaint.Enter);
        }
    }

    public void Suspend()
    {
        Leave();
        // with nobody listening the system does what it does by default
        _stops?.Dispose();
        NativeTerminal.StopGroup();
        ListenForStops();
        Enter();
    }

    public void Listen(Action<byte[]> typed, Action<ScreenHappening> happened)
    {
        _happened = happened;
        Register(PosixSignal.SIGWINCH, ScreenHappening.Resized);
        Register(PosixSignal.SIGCONT, ScreenHappening.Continued);
        ListenForStops();
        new Thread(() => Read(typed)) { IsBackground = true, Name = "keys" }.Start();
    }

    public void Write(string text)
    {
        _out.Write(text);
        _out.Flush();
    }

    public void Dispose()
    {
        _isOver = true;
        AppDomain.CurrentDomain.UnhandledException -= GiveBack;
        AppDomain.CurrentDomain.ProcessExit -= GiveBack;
        foreach (var registration in _registrations) registration.Dispose();
        _stops?.Dispose();
        Leave();
    }

    private void Leave()
    {
        lock (_mode)
        {
            if (!_isTaken) return;
            _isTaken = false;
            try
            {
                Write(ScreenPaint.Leave);
            }
            catch (IOException)
            {
                // the terminal is gone: nobody sees how it is left
            }

            if (_usual is not null) NativeTerminal.Set(_usual);
        }
    }

    private void GiveBack(object? sender, EventArgs e) => Leave();

    private void Register(PosixSignal signal, ScreenHappening happening) => _registrations.Add(PosixSignalRegistration.Create(signal, _ => _happened(happening)));

    private void ListenForStops() => _stops = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
    {
        context.Cancel = true;
        _happened(ScreenHappening.StopAsked);
    });

    private void Read(Action<byte[]> typed)
    {
        while (!_isOver)
        {
            if (!NativeTerminal.IsReadable(s_look) || _isOver) continue;
            if (NativeTerminal.Read() is not { } bytes) continue;
            if (bytes.Length > 0)
            {
                typed(bytes);
                continue;
            }

            _happened(ScreenHappening.Closed);
            return;
        }
    }
}
