using System.Net.Sockets;
using Helix.Sandbox;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>
/// The process that outlives the others: parent of the daemon and of the engines, owner of the listening sockets. One thread, one loop;
/// it looks at everything it owns each time anything stirs, so no event can be missed.
/// </summary>
internal sealed class Keeper : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_blindPace = TimeSpan.FromMilliseconds(100);

    private readonly HelixHome _home;
    private readonly RunFolder _folder;
    private readonly ListenerSet _listeners;
    private readonly KeeperLog _log;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly Socket _door;
    private readonly Interruption _interruption = new();
    private readonly List<KeeperConnection> _connections = [];
    private readonly KeptChildren _children;
    private readonly DaemonPost _post;
    private readonly KeeperWordTaker _taker;
    private Farewell? _farewell;
    private TimeSpan _nextTick;
    private (int Children, int Post) _written = (-1, -1);
    private (int Children, int Post) _tidied = (-1, -1);

    public Keeper(KeeperOptions options, RunFolder folder, ListenerSet listeners, KeeperLog log, TimeProvider time)
    {
        _home = options.Home;
        _folder = folder;
        _listeners = listeners;
        _log = log;
        _time = time;
        _begun = time.GetTimestamp();
        var groups = new SandboxMachine(_home, Environment.ProcessPath!).GroupPrefix;
        _children = new KeptChildren(name => ControlGroups.Kill(groups + name));
        _door = ListenerSet.BindUnix(folder.KeeperSocket);

        var journal = Journal.Load(folder);
        if (journal is null && File.Exists(folder.Journal))
            log.Write("the last keeper's journal cannot be read, or is of another boot: nothing is adopted");
        var command = options.Adopt && journal is not null ? journal.DaemonCommand : options.Daemon(Environment.ProcessPath!);
        _post = new DaemonPost(_home, folder, listeners, command, log);
        _taker = new KeeperWordTaker(_home, listeners, _children, _post, log);
        if (journal is not null)
        {
            _post.Adopt(options.Adopt ? journal : journal with { Trial = null }, Now);
            foreach (var entry in journal.Children)
                _children.Adopt(entry);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_begun);

    public void Run()
    {
        while (!Tend())
        {
            foreach (var connection in _connections)
                connection.Flush();
            Wait();
            Serve();
        }

        _listeners.Close();
        _door.Dispose();
    }

    /// <summary>Lets go of those who wait for the end: they take it as the word that all is done.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _interruption.Dispose();
        _door.Dispose();
    }

    private bool Tend()
    {
        foreach (var exit in _children.Collect())
        {
            foreach (var connection in _connections.Where(connection => connection.Watches))
                connection.Send(new KeeperReply(Exit: exit));
        }

        if (_farewell is null && (_taker.QuitAsked || _interruption.Came))
        {
            _log.Write("stopping everything");
            _farewell = new Farewell(_post.Retire(), _children);
        }

        if (_farewell is not null)
            return _farewell.Tend(Now);

        _post.Tend(Now);
        if (Now >= _nextTick)
        {
            _nextTick = Now + s_tick;
            Housekeep();
            if (_tidied != _written)
            {
                // something happened since the last time: what it left in memory is given back, for the long quiet that follows
                _tidied = _written;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            }
        }

        if (_written != (_children.Version, _post.Version))
        {
            _written = (_children.Version, _post.Version);
            var self = new ProcessIdentity("keeper", Environment.ProcessId, ProcessTable.StartTicks(Environment.ProcessId));
            new Journal(ProcessTable.BootId(), self, _post.Identities, _post.Command, _children.Entries, _post.Trial, _post.Undone).Save(_folder, _log);
            _post.WriteWhere();
        }

        return false;
    }

    // orphans that fell to us are collected; logs are kept short; files are touched, since some systems sweep what is old out of /tmp
    private void Housekeep()
    {
        for (int pid; (pid = NativeLibc.Collect(-1, out var status)) > 0;)
        {
            foreach (var process in _children.All.Concat(_post.Processes).Where(process => process.Identity.Pid == pid && process.Exit is null))
                process.KeepStatus(status);
        }

        _children.ForgetEmptySessions();
        LogRotation.Tend(_children.All.Select(child => child.LogFile).Append(_home.DaemonLog).Append(_home.KeeperLog), _log);
        foreach (var file in new[] { _folder.Journal, _folder.PidFile, _folder.Address, _folder.Lock }.Where(File.Exists))
            AtomicFile.Touch(file, _time.GetUtcNow());
    }

    private void Wait()
    {
        var deaths = _children.Living.Concat(_post.Processes).Select(process => process.DeathDescriptor).ToList();
        var timeout = _nextTick - Now;
        if (_post.NextMoment - Now is var moment && moment < timeout)
            timeout = moment;
        if (deaths.Contains(-1) && s_blindPace < timeout)
            timeout = s_blindPace;
        if (_farewell is not null)
            timeout = Farewell.Pace;

        var entries = new NativeLibc.PollEntry[2 + _connections.Count + deaths.Count];
        var next = 0;
        void Await(int descriptor, bool alsoWritable = false) => entries[next++] = new NativeLibc.PollEntry
        {
            Descriptor = descriptor,
            Events = (short)(NativeLibc.Readable | (alsoWritable ? NativeLibc.Writable : 0)),
        };
        Await((int)_door.SafeHandle.DangerousGetHandle());
        Await(_farewell is null ? _interruption.Descriptor : -1);
        foreach (var connection in _connections)
            Await(connection.Descriptor, connection.HasUnsent);
        foreach (var death in deaths)
            Await(death);
        NativeLibc.Poll(entries, timeout);
    }

    private void Serve()
    {
        while (NativeLibc.IsReadable((int)_door.SafeHandle.DangerousGetHandle()))
        {
            try
            {
                var socket = _door.Accept();
                socket.Blocking = false;
                _connections.Add(new KeeperConnection(socket));
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.WouldBlock)
            {
                _log.Write($"a connection could not be taken: {exception.Message}");
                NativeLibc.Rest(s_blindPace);
                break;
            }
        }

        foreach (var connection in _connections)
        {
            foreach (var line in connection.Receive())
                _taker.Take(connection, line, Now);
        }

        foreach (var connection in _connections.Where(connection => connection.IsBroken))
            connection.Dispose();
        _connections.RemoveAll(connection => connection.IsBroken);
    }
}
