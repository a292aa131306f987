using System.Collections.Concurrent;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>A request's place among those that a model's engines work on, or its wait for one.</summary>
internal sealed class Place(ModelGate gate)
{
    /// <summary>Null for one that did not have to wait.</summary>
    private TaskCompletionSource<bool>? _told;

    public ModelGate Gate => gate;

    public string Model => gate.Model;

    public string Key { get; private set; } = "";

    /// <summary>What its work is likely to be.</summary>
    public double Cost { get; private set; }

    /// <summary>When its work began.</summary>
    public TimeSpan Began { get; private set; }

    /// <summary>How many waited then.</summary>
    public int Waiting { get; private set; }

    /// <summary>Of one that was queued: whether it has its place, or was sent away for one whose key has fewer; unfinished while it waits.</summary>
    public Task<bool> Told => _told!.Task;

    /// <summary>It was queued.</summary>
    public bool HasWaited => _told is not null;

    /// <summary>It is this request's from here on.</summary>
    public void Take(string key, double cost) => (Key, Cost) = (key, cost);

    /// <summary>It is queued.</summary>
    public void Wait() => _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Begin(TimeSpan now, int waiting)
    {
        (Began, Waiting) = (now, waiting);
        _told?.TrySetResult(true);
    }

    public void SendAway() => _told?.TrySetResult(false);

    /// <param name="done">What its work was, in the unit of its cost.</param>
    /// <param name="answered">When it was answered to its end; null where it was not.</param>
    public void Leave(double done, TimeSpan? answered = null) => gate.Leave(this, done, answered);
}

/// <summary>What stands before the engines of one model.</summary>
internal sealed class ModelGate(string model, IFleetView fleet, GatewayCounters counters, Func<HelixConfig> config)
{
    /// <summary>Places that are kept for those who come next.</summary>
    private const int MostLeft = 256;

    private readonly Lock _gate = new();
    private readonly Places<Place> _places = new();

    /// <summary>That were left. Of one that was waited for, others may hold what they heard: it is not used again.</summary>
    private readonly Stack<Place> _left = new();

    /// <summary>The fleet in which the model was looked up last, and what was found; null for nothing.</summary>
    private FleetSnapshot? _seen;
    private ServedModel? _found;

    public string Model => model;

    public ModelTraffic Traffic { get; } = counters.OfModel(model);

    /// <summary>How many have a place, and how many wait for one.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate) return (_places.Running, _places.Waiting);
        }
    }

    /// <param name="cost">What the work is likely to be.</param>
    /// <param name="now">The timestamp of this moment.</param>
    /// <param name="place">To be worked at, or to be waited with.</param>
    /// <returns>Whether the work begins.</returns>
    public bool Begins(string key, double cost, long now, out Place place)
    {
        lock (_gate)
        {
            place = _left.TryPop(out var left) ? left : new Place(this);
            place.Take(key, cost);
            Fill();
            if (!_places.Begins(key, cost, PlacesNow())) return false;
            place.Begin(counters.At(now), 0);
            return true;
        }
    }

    public PlaceEntry Queue(Place place, RequestPriority priority, int most, TimeSpan longest)
    {
        lock (_gate)
        {
            place.Wait();
            var entry = _places.Queue(place.Key, priority, place, place.Cost, PlacesNow(), most, longest);
            if (entry is PlaceEntry.Waits { Displaced: Place displaced }) displaced.SendAway();
            Fill();
            return entry;
        }
    }

    /// <summary>How many wait, and for how long one that comes now does.</summary>
    public (int Waiting, TimeSpan? Wait) Look(string key, RequestPriority priority)
    {
        lock (_gate) return (_places.Waiting, _places.WaitOf(key, priority, PlacesNow()));
    }

    /// <summary>For how long one that comes now waits; null where it does not, or nobody knows.</summary>
    public TimeSpan? WaitNow(string key, RequestPriority priority)
    {
        lock (_gate)
        {
            var all = PlacesNow();
            return _places.Waiting == 0 && _places.Running < all ? null : _places.WaitOf(key, priority, all);
        }
    }

    /// <param name="answered">When it was answered to its end; null where it was not, which tells nothing.</param>
    public void Leave(Place place, double done, TimeSpan? answered)
    {
        lock (_gate)
        {
            _places.Leave(place.Key, done - place.Cost, answered - place.Began);
            if (!place.HasWaited && _left.Count < MostLeft) _left.Push(place);
            Fill();
        }
    }

    /// <summary>It waits no longer; where it has its place by now, it gives it back.</summary>
    public void Forget(Place place)
    {
        lock (_gate)
        {
            if (_places.Forget(place.Key, place)) return;
            if (place.Told is { IsCompletedSuccessfully: true, Result: true }) _places.Leave(place.Key, -place.Cost, null);
            Fill();
        }
    }

    /// <summary>There may be other places than before.</summary>
    public void LookAgain()
    {
        lock (_gate) Fill();
    }

    private void Fill()
    {
        while (_places.Waiting > 0 && _places.Next(PlacesNow()) is { } next) next.Begin(counters.Now, _places.Waiting);
    }

    /// <summary>Requests that its engines may have at this moment.</summary>
    private int PlacesNow()
    {
        var snapshot = fleet.Current;
        if (!ReferenceEquals(snapshot, _seen)) (_seen, _found) = (snapshot, Found(snapshot));
        return _found is { } served ? PlacesOf(served) : 1;
    }

    private ServedModel? Found(FleetSnapshot snapshot)
    {
        foreach (var served in snapshot.Models)
            if (served.Id == model) return served;
        return null;
    }

    /// <summary>Of the engines that would be asked: one that failed again and again is not, as long as there is another.</summary>
    private int PlacesOf(ServedModel served)
    {
        var count = served.Backends.Length > 1 && !config().Performance.LoadBalance ? 1 : served.Backends.Length;
        var traffic = count > 1 ? Traffic.Of(served.Backends, counters).Traffic : [];
        var (all, well) = (0, 0);
        for (var at = 0; at < count; at++)
        {
            var slots = served.Backends[at].Slots;
            if (slots == 0) return int.MaxValue;
            var places = Places<Place>.At(slots);
            all += places;
            if (count == 1 || !traffic[at].IsBroken) well += places;
        }

        return Math.Max(1, well > 0 ? well : all);
    }
}

/// <summary>Lets as many requests through to a model as its engines can work on; the others wait, in fair order, or are told at once that it would take too long.</summary>
internal sealed class Admission(IFleetView fleet, GatewayCounters counters, Func<HelixConfig> config)
{
    /// <summary>A token is read so much faster than one is written, about.</summary>
    private const double ReadFaster = 8;

    private readonly ConcurrentDictionary<string, ModelGate> _gates = new(StringComparer.Ordinal);

    /// <summary>Of the model that was asked last, which nearly always is asked next, too.</summary>
    private ModelGate? _last;

    public static double CostOf(long promptTokens, double answerTokens) => promptTokens / ReadFaster + answerTokens;

    /// <summary>Requests that wait for a model.</summary>
    public int Waiting(string model) => Load(model).Waiting;

    /// <summary>Requests for a model that have a place, and that wait for one.</summary>
    public (int Running, int Waiting) Load(string model) => _gates.TryGetValue(model, out var gate) ? gate.Load : default;

    /// <summary>For how long a request that comes now waits for a place; null where it does not, or nobody knows.</summary>
    public TimeSpan? WaitNow(string model, string key, RequestPriority priority) => _gates.TryGetValue(model, out var gate) ? gate.WaitNow(key, priority) : null;

    /// <summary>Gives a request its place, if there is one and nobody waits.</summary>
    /// <param name="now">The timestamp of this moment.</param>
    /// <returns>What it has to wait with, by <see cref="WaitAsync"/>; null where it has its place.</returns>
    public Place? Enter(Exchange exchange, ServedModel model, long now)
    {
        var gate = _last is { } last && last.Model == model.Id ? last : (_last = GateOf(model.Id));
        if (!gate.Begins(exchange.Key, CostOf(exchange, gate.Traffic), now, out var place)) return place;
        exchange.Place = place;
        return null;
    }

    /// <summary>Returns once the request has its place.</summary>
    /// <param name="place">By <see cref="Enter"/>.</param>
    /// <returns>What is told to who gets none; null where it has one.</returns>
    public async ValueTask<GatewayError?> WaitAsync(Exchange exchange, ServedModel model, Place place, ModelWait waiting)
    {
        var (gate, gateway, came) = (place.Gate, config().Gateway, counters.Now);
        var longest = TimeSpan.FromSeconds(gateway.QueueDeadline);
        if (waiting.Left < longest) longest = waiting.Left;
        if (gate.Queue(place, exchange.Priority, gateway.MaxWaiting, longest) is PlaceEntry.Refused refused) return EngineErrors.TooManyWait(model.Id, refused.Waiting, refused.Wait, ReturnTime.Whole(refused.Until));
        try
        {
            while (!place.Told.IsCompleted)
            {
                if (await waiting.ForPlaceAsync(exchange, place.Told, $"others are asked first for {model.Id}") == WaitEnd.TooLate && !place.Told.IsCompleted)
                {
                    var (others, more) = gate.Look(exchange.Key, exchange.Priority);
                    return EngineErrors.TooManyWait(model.Id, others, more, ReturnTime.Whole(more ?? TimeSpan.Zero));
                }

                gate.LookAgain();
            }

            if (!await place.Told) return EngineErrors.Displaced(model.Id);
            exchange.Place = place;
            return null;
        }
        finally
        {
            exchange.Waited += counters.Now - came;
            if (exchange.Place is null) gate.Forget(place);
        }
    }

    private ModelGate GateOf(string model) => _gates.GetOrAdd(model, id => new ModelGate(id, fleet, counters, config));

    /// <summary>What a request is likely to cost, in tokens written.</summary>
    private static double CostOf(Exchange exchange, ModelTraffic traffic)
    {
        var answer = exchange.Route.Kind == RouteKind.Reading ? 0 : traffic.AnswerTokens;
        return CostOf(exchange.PromptTokens, Math.Min(answer, exchange.Facts.MaxTokens ?? double.MaxValue));
    }
}
