using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Core.Sandbox;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Processes;

namespace Helix.Tuning;

/// <summary>What watching for wear needs of the world.</summary>
/// <param name="InFlight">Requests that an instance answers now.</param>
/// <param name="Renew">Starts an engine anew when it has answered, for a reason.</param>
/// <param name="End">Ends an instance at once, and starts it anew.</param>
/// <param name="IsWanted">What may fail is started anew before it does.</param>
/// <param name="IsLimited">Engines have a limit of memory.</param>
internal sealed record WearTools(IFleetView Fleet, Func<Task<ImmutableArray<KnownSeat>>> Running, Func<string, int> InFlight, Action<Seat, string> Renew, Action<string, string> End, Func<bool> IsWanted, Func<bool> IsLimited, Action<HistoryEvent> Tell, TimeProvider Time);

/// <summary>
/// Starts an engine anew in a moment in which it answers nobody, before it would fail by itself: one that takes ever more memory and would come to its limit
/// within hours, and one that failed three times after about the same time. One that is beyond its limit, where nothing else holds it, is started anew at once.
/// </summary>
internal sealed class WearWatch(WearTools tools) : BackgroundLoop
{
    private const string OverLimit = "over_limit";
    private const int Points = 240;
    private const int Lives = 10;

    /// <summary>So often an engine is started anew for its rhythm; then it has to show whether it still has one.</summary>
    private const int MostRenewed = 5;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_point = TimeSpan.FromMinutes(1);

    /// <summary>What comes to its limit later may stop growing first.</summary>
    private static readonly TimeSpan s_near = TimeSpan.FromHours(3);

    private readonly Dictionary<string, (int Pid, DateTimeOffset Since, long Bytes, ImmutableArray<MemoryPoint> Memory)> _seen = new(StringComparer.Ordinal);
    /// <summary>How long engines lived until they failed, by instance and release; and how often they were started anew because of it since.</summary>
    private readonly Dictionary<(string Name, string? Release), (ImmutableArray<TimeSpan> Lives, int Renewed)> _lives = [];

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await LookAsync();
            await Task.Delay(s_look, tools.Time, stoppingToken);
        }
    }

    /// <summary>An instance went down. May be called from any thread.</summary>
    public void TakeFault(InstanceStatus status)
    {
        lock (_lives)
            if (_seen.Remove(status.Name, out var life))
            {
                var key = KeyOf(status.Name, status.Provider);
                _lives[key] = ([.. (_lives.TryGetValue(key, out var known) ? known.Lives : []).TakeLast(Lives - 1), tools.Time.GetUtcNow() - life.Since], 0);
            }
    }

    internal async Task LookAsync()
    {
        var now = tools.Time.GetUtcNow();
        lock (_lives)
            foreach (var instance in tools.Fleet.Current.Instances)
                if (instance is { State: ProviderState.Ready or ProviderState.Degraded, Pid: { } pid }) Note(instance, pid, now);
        if (!tools.IsWanted() && !tools.IsLimited()) return;
        foreach (var seat in await tools.Running())
            if (tools.IsLimited() && Excess(seat) is { } excess) Renew(seat, OverLimit, Severity.Warning, $"started anew: {excess}", now);
            else if (tools.IsWanted() && tools.InFlight(seat.Spec.Name) == 0 && Reason(seat, now) is { } why) Renew(seat, "renewed", Severity.Info, $"started anew while it answers nobody: {why}", now);
    }

    /// <summary>A control group of the kernel's holds an engine with all its children; without one, only this does.</summary>
    private string? Excess(KnownSeat seat)
    {
        var limit = SandboxMemory.Of(seat.Model, seat.Run, seat.Provider.ProcessBytes);
        lock (_lives)
            return _seen.TryGetValue(seat.Spec.Name, out var life) && life.Bytes > limit ? $"it takes {ByteCount.Words(life.Bytes)} of the memory, and may take {ByteCount.Words(limit)}" : null;
    }

    private void Note(InstanceStatus instance, int pid, DateTimeOffset now)
    {
        var known = _seen.TryGetValue(instance.Name, out var life) && life.Pid == pid ? life : (Pid: pid, Since: now, Bytes: 0, Memory: []);
        var isNews = instance.MeasuredBytes > 0 && (known.Memory.IsEmpty || now - known.Memory[^1].At >= s_point);
        _seen[instance.Name] = known with { Bytes = instance.MeasuredBytes, Memory = isNews ? [.. known.Memory.TakeLast(Points - 1), new MemoryPoint(now, instance.MeasuredBytes)] : known.Memory };
    }

    private string? Reason(KnownSeat seat, DateTimeOffset now)
    {
        lock (_lives)
        {
            if (!_seen.TryGetValue(seat.Spec.Name, out var life)) return null;
            var limit = SandboxMemory.Of(seat.Model, seat.Run, seat.Provider.ProcessBytes);
            // what fills its cache grows, too: only beyond what weights and a full cache take is something wrong
            var full = FleetPlan.NeedBytes(seat.Model, seat.Provider, seat.Run.ContextPerSlot, seat.Run.Slots);
            if (MemoryTrend.Of(life.Memory) is { } trend && trend.Now > full && trend.Until(limit) is { } until && until < s_near)
                return $"it takes {ByteCount.Words((long)trend.BytesPerHour)} more of the memory each hour, and would come to its limit of {ByteCount.Words(limit)} in {until.TotalMinutes:0} minutes";
            var key = KeyOf(seat.Spec.Name, seat.Seat.Provider);
            if (!_lives.TryGetValue(key, out var known) || FaultRhythm.Of(known.Lives) is not { } rhythm || !rhythm.IsDue(now - life.Since)) return null;
            if (known.Renewed >= MostRenewed)
            {
                _lives.Remove(key);
                return null;
            }

            _lives[key] = known with { Renewed = known.Renewed + 1 };
            return $"it failed {rhythm.Lives} times after about {rhythm.Shortest.TotalMinutes:0} minutes, and has run for {(now - life.Since).TotalMinutes:0}";
        }
    }

    /// <summary>Another release may not have the fault.</summary>
    private (string, string?) KeyOf(string name, string provider) => (name, tools.Fleet.Current.Providers.FirstOrDefault(each => each.Id == provider)?.Release);

    private void Renew(KnownSeat seat, string what, Severity severity, string words, DateTimeOffset now)
    {
        lock (_lives) _seen.Remove(seat.Spec.Name);
        if (what == OverLimit) tools.End(seat.Spec.Name, words);
        else tools.Renew(seat.Seat, words);
        tools.Tell(new(now, HistoryKind.Healing, severity, seat.Seat.Provider, seat.Spec.Name, what, words));
    }
}
