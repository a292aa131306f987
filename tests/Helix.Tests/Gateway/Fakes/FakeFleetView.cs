using System.Collections.Concurrent;
using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Fleet;

namespace Helix.Tests.Gateway.Fakes;

/// <summary>A fleet that is whatever the test says, and remembers who was wanted.</summary>
internal sealed class FakeFleetView : IFleetView
{
    private readonly Lock _swap = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile FleetSnapshot _current = FleetSnapshot.Empty;

    public FleetSnapshot Current => _current;

    public Task Left => _left.Task;

    public ConcurrentQueue<string> Wanted { get; } = [];

    /// <summary>Of the next snapshot.</summary>
    public ImmutableArray<InstanceStatus> Instances { get; set; } = [];

    public void Set(params ServedModel[] models)
    {
        TaskCompletionSource before;
        lock (_swap)
        {
            _current = new FleetSnapshot(_current.Version + 1, [.. models.SelectMany(model => model.Seats.Select(seat => Provider(seat.Provider, model.Origin == ModelOrigin.Cloud))).Distinct()], Instances, [.. models]);
            before = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.SetResult();
    }

    public async Task ChangedAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_swap)
            {
                if (_current.Version > version) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private static ProviderStatus Provider(string id, bool isCloud) => new(id, id, ProviderState.Attached, "it is there", null, null, null, DateTimeOffset.UnixEpoch) { IsCloud = isCloud };

    public void Leave() => _left.SetResult();

    public void Want(string model, string? provider = null) => Wanted.Enqueue(provider is null ? model : $"{provider}/{model}");
}
