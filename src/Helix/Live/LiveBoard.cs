using System.Threading.Channels;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Processes;

namespace Helix.Live;

/// <summary>
/// Owns what open dashboards are shown. One loop reads one inbox: it has the parts read that changed or are due, makes one event of all that differs,
/// and gives every reader the same bytes. While nobody looks, nothing is read.
/// </summary>
internal sealed partial class LiveBoard(LiveSections sections, IFleetView fleet, LiveBell bell, TimeProvider time, ILogger<LiveBoard> log) : BackgroundLoop
{
    /// <summary>Seconds between two signs of life on each stream.</summary>
    private const int BeatEvery = 15;

    private const int EventsHeld = 512;
    private const int BytesHeld = 2 << 20;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly List<LiveReader> _readers = [];
    private readonly LiveRing _ring = new(EventsHeld, BytesHeld);
    private readonly uint _board = unchecked((uint)HashCode.Combine(Environment.ProcessId, time.GetUtcNow().Ticks));
    private Part[] _parts = [];
    private byte[]? _snapshot;
    private long _number;
    private long _second;
    private bool _isOn;
    private int _count;

    /// <summary>Dashboards that are open.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <param name="last">The last event that the reader has seen; null for a new one.</param>
    /// <returns>Is given a snapshot, or what it missed, and then all that changes.</returns>
    public LiveReader Join(LiveId? last)
    {
        var reader = new LiveReader();
        Join(reader, last);
        return reader;
    }

    /// <summary>Asks for everything anew, for one that is behind.</summary>
    public void Rejoin(LiveReader reader) => Join(reader, null);

    public void Leave(LiveReader reader) => _inbox.Writer.TryWrite(new Message.Left(reader));

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        _parts = [.. sections.All.Select(section => new Part(section, new LiveSectionState(section.Name)))];
        bell.Hear(name => _inbox.Writer.TryWrite(new Message.Rung(name)));
        using var ticks = time.CreateTimer(_ => _inbox.Writer.TryWrite(new Message.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var following = FollowAsync(over.Token);
        try
        {
            while (await _inbox.Reader.WaitToReadAsync(stoppingToken))
            {
                var turn = new Turn();
                while (_inbox.Reader.TryRead(out var message)) Take(message, turn);
                var wasOn = _isOn;
                Perform(turn, stoppingToken);
                if (_isOn != wasOn) ticks.Change(_isOn ? s_tick : Timeout.InfiniteTimeSpan, _isOn ? s_tick : Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var left))
                if (left is Message.Joined(var late, _)) late.End();
            foreach (var reader in _readers) reader.End();
            await over.CancelAsync();
            await following;
        }
    }

    private void Join(LiveReader reader, LiveId? last)
    {
        // a daemon that goes shows nothing more: its reader comes again, to the next one
        if (!_inbox.Writer.TryWrite(new Message.Joined(reader, last))) reader.End();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var version = fleet.Current.Version; ; version = fleet.Current.Version)
            {
                _inbox.Writer.TryWrite(new Message.FleetChanged());
                await fleet.ChangedAsync(version, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // the daemon goes
        }
    }

    private void Take(Message message, Turn turn)
    {
        switch (message)
        {
            case Message.Joined(var reader, var last): turn.Joining.Add((reader, last)); break;
            case Message.Left(var reader):
                _readers.Remove(reader);
                turn.Joining.RemoveAll(joining => joining.Reader == reader);
                break;
            case Message.Rung(var name): turn.Due.UnionWith(_parts.Where(part => part.Section.Name == name)); break;
            case Message.FleetChanged: turn.Due.UnionWith(_parts.Where(part => part.Section.FollowsFleet)); break;
            case Message.Read(var part, var reading, var broken):
                part.IsReading = false;
                if (broken is not null) NoteBroken(part, broken);
                else if (reading is not null) turn.Readings[part] = reading;
                if (part.IsToBeRead) turn.Due.Add(part);
                break;
            case Message.Tick:
                _second++;
                turn.Due.UnionWith(_parts.Where(part => _second % part.Section.Every == 0));
                turn.Beats |= _second % BeatEvery == 0;
                break;
        }
    }

    private void Perform(Turn turn, CancellationToken cancellationToken)
    {
        if (!_isOn && turn.Joining.Count > 0) turn.Due.UnionWith(_parts);
        _isOn = _readers.Count + turn.Joining.Count > 0;
        Volatile.Write(ref _count, _readers.Union(turn.Joining.Select(joining => joining.Reader)).Count());
        if (!_isOn) return;
        foreach (var part in turn.Due) Begin(part, turn, cancellationToken);
        Tell(turn.Readings);
        if (turn.Beats)
            foreach (var reader in _readers) reader.Give(LiveText.Beat);
        foreach (var (reader, last) in turn.Joining)
        {
            // what was missed is told only where that is less than everything
            reader.GiveAnew(last is { } id && id.Board == _board && _ring.After(id.Number) is { } missed && missed.Sum(bytes => bytes.Length) <= Snapshot().Length ? Together(missed) : Snapshot());
            if (!_readers.Contains(reader)) _readers.Add(reader);
        }
    }

    private void Tell(Dictionary<Part, LiveReading> readings)
    {
        var changes = new List<LiveChange>();
        foreach (var (part, reading) in readings)
        {
            part.IsBroken = false;
            if (part.State.Take(reading) is { Count: > 0 } rows) changes.Add(new(part.Section.Name, rows));
        }

        if (changes.Count == 0) return;
        var bytes = LiveText.Change(new(_board, ++_number), time.GetUtcNow(), changes);
        _ring.Add(_number, bytes);
        _snapshot = null;
        foreach (var reader in _readers) reader.Give(bytes);
    }

    private static byte[] Together(IReadOnlyList<byte[]> events)
    {
        var joined = new byte[events.Sum(bytes => bytes.Length)];
        var at = 0;
        foreach (var bytes in events)
        {
            bytes.CopyTo(joined, at);
            at += bytes.Length;
        }

        return joined;
    }

    private byte[] Snapshot() => _snapshot ??= LiveText.Snapshot(new(_board, _number), time.GetUtcNow(), _parts.Select(part => part.State));

    /// <summary>What is read at once is told in this turn; what has to be waited for comes by the inbox.</summary>
    private void Begin(Part part, Turn turn, CancellationToken cancellationToken)
    {
        part.IsToBeRead = part.IsReading;
        if (part.IsReading) return;
        var reading = new LiveReading();
        try
        {
            var read = part.Section.ReadAsync(reading, cancellationToken);
            if (read.IsCompletedSuccessfully)
            {
                turn.Readings[part] = reading;
                return;
            }

            part.IsReading = true;
            _ = FinishAsync(part, reading, read.AsTask(), cancellationToken);
        }
        catch (Exception broken)
        {
            NoteBroken(part, broken);
        }
    }

    /// <summary>One part that cannot be read is no reason to show nothing of the others. It is due each second, and said once.</summary>
    private void NoteBroken(Part part, Exception broken)
    {
        if (!part.IsBroken) LogNotRead(broken, part.Section.Name);
        part.IsBroken = true;
    }

    private async Task FinishAsync(Part part, LiveReading reading, Task read, CancellationToken cancellationToken)
    {
        var outcome = new Message.Read(part, reading, null);
        try
        {
            await read;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the daemon goes
            outcome = outcome with { Reading = null };
        }
        catch (Exception broken)
        {
            outcome = outcome with { Broken = broken };
        }

        _inbox.Writer.TryWrite(outcome);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the dashboard's part {Section} could not be read, and is shown as it was")]
    private partial void LogNotRead(Exception broken, string section);

    /// <summary>A part, and what its readers know of it.</summary>
    private sealed class Part(ILiveSection section, LiveSectionState state)
    {
        public ILiveSection Section => section;

        public LiveSectionState State => state;

        public bool IsReading { get; set; }

        /// <summary>It was due while it was being read.</summary>
        public bool IsToBeRead { get; set; }

        /// <summary>It could not be read the last time.</summary>
        public bool IsBroken { get; set; }
    }

    /// <summary>All that came in at once.</summary>
    private sealed class Turn
    {
        public List<(LiveReader Reader, LiveId? Last)> Joining { get; } = [];

        public HashSet<Part> Due { get; } = [];

        /// <summary>One of each part, the last: an event names a part once.</summary>
        public Dictionary<Part, LiveReading> Readings { get; } = [];

        public bool Beats { get; set; }
    }

    private abstract record Message
    {
        private Message() { }

        internal sealed record Joined(LiveReader Reader, LiveId? Last) : Message;

        internal sealed record Left(LiveReader Reader) : Message;

        internal sealed record Rung(string Section) : Message;

        internal sealed record FleetChanged : Message;

        /// <param name="Reading">Null where it was not read to its end.</param>
        /// <param name="Broken">Why it cannot be read.</param>
        internal sealed record Read(Part Part, LiveReading? Reading, Exception? Broken) : Message;

        internal sealed record Tick : Message;
    }
}
