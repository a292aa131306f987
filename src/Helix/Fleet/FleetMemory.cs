using Helix.Core.Fleet;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet learns of memory: an estimate is replaced by what was measured.</summary>
internal sealed partial class Fleet
{
    /// <summary>What is shown is not changed for less: readers wait for changes.</summary>
    private const long Grain = 4L << 20;

    private MemoryLedger _ledger = MemoryLedger.Empty;

    /// <summary>Told of every seat of which something new was measured, on the fleet's own loop: return at once.</summary>
    public Action<MeasuredSeat, long> OnMeasured { get; init; } = (_, _) => { };

    /// <summary>What earlier daemons measured.</summary>
    public void TellLedger(MemoryLedger ledger) => _inbox.Writer.TryWrite(new Message.Ledger(ledger));

    /// <summary>An instance that serves was seen to take so much.</summary>
    public void TellMemory(string name, int pid, long bytes) => _inbox.Writer.TryWrite(new Message.Memory(name, pid, bytes));

    /// <returns>True if it changes what is shown or planned.</returns>
    private bool TakeMemory(string name, int pid, long bytes)
    {
        if (!_posts.TryGetValue(name, out var post) || post.Status is not { State: ProviderState.Ready or ProviderState.Degraded } status || status.Pid != pid) return false;
        var isOther = Math.Abs(bytes - post.MeasuredBytes) >= Grain;
        if (isOther) post.MeasuredBytes = bytes;
        // what lies on GPUs is planned by their own memory
        if (!post.Run.Seating.Devices.IsEmpty || Providers().FirstOrDefault(provider => provider.Plan.Id == post.Seat.Provider)?.Plan is not { } plan || _inputs.Models.FirstOrDefault(model => model.Id == post.Seat.Model) is not { } model) return isOther;
        var seat = plan.SeatOf(model, post.Run.ContextPerSlot, post.Run.Slots);
        var ledger = _ledger.With(seat, bytes);
        if (ledger == _ledger) return isOther;
        _ledger = ledger;
        OnMeasured(seat, bytes);
        var least = FleetPlan.NeedBytes(model, plan, post.Run.ContextPerSlot, post.Run.Slots) - plan.ProcessBytes;
        post.Run = post.Run with { Seating = post.Run.Seating with { HostBytes = ledger.Of(seat, least) ?? post.Run.Seating.HostBytes } };
        return true;
    }

    private static InstanceStatus? WithMemory(Post post) => post.Status is not { } status ? null : status with { ReservedBytes = post.Run.Seating.HostBytes, ReservedGpuBytes = post.Run.Seating.DeviceBytes * post.Run.Seating.Devices.Length, MeasuredBytes = status.Pid is null ? 0 : post.MeasuredBytes, IsOutdated = post is { OutdatedSince: not null, Renews: null } };
}
