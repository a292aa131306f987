using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Core.Tuning;

namespace Helix.Fleet;

/// <summary>A model at a provider, and what may be done with it.</summary>
/// <param name="IsServing">It does so now; else it could.</param>
/// <param name="Run">As it was started, or would be.</param>
/// <param name="Spare">The same in another size, to run beside it.</param>
/// <param name="Beside">Where one of so much context and so many slots would have room beside everything that runs; null where nowhere.</param>
/// <param name="Fits">Whether so many slots have room where it runs, beside everything else.</param>
internal sealed record KnownSeat(
    Seat Seat, bool IsServing, PlannedModel Model, PlannedProvider Provider, Placement.Run Run, InstanceSpec Spec, BuiltinConfig Config,
    Func<Placement.Run, InstanceSpec> Spare, Func<int, int, Seating?> Beside, Func<int, bool> Fits)
{
    public int Threads => Run.Tuned.Number(Core.Manifests.Tunable.Threads) ?? (Config.Threads > 0 ? Config.Threads : EngineThreads.Usual);
}

/// <summary>What the fleet learns from measurements of speed: an engine is run as it was found to be better.</summary>
internal sealed partial class Fleet
{
    /// <summary>How long what is likely keeps a model awake; it is said again in time.</summary>
    private static readonly TimeSpan s_warm = TimeSpan.FromMinutes(3);

    private ImmutableDictionary<Seat, EngineTuning> _tuned = ImmutableDictionary<Seat, EngineTuning>.Empty;

    /// <summary>From now on it is run like this; who answers somebody is let finish first.</summary>
    public void Tune(Seat seat, EngineTuning tuning) => _inbox.Writer.TryWrite(new Message.Tuned(seat, tuning));

    /// <summary>Everything that serves at this moment.</summary>
    public Task<ImmutableArray<KnownSeat>> RunningAsync() => AskSeatsAsync(null);

    /// <summary>A model at every provider that can load it.</summary>
    public Task<ImmutableArray<KnownSeat>> SeatsOfAsync(string model) => AskSeatsAsync(model);

    private Task<ImmutableArray<KnownSeat>> AskSeatsAsync(string? model)
    {
        var answer = new TaskCompletionSource<ImmutableArray<KnownSeat>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_inbox.Writer.TryWrite(new Message.AskSeats(model, answer))) answer.SetResult([]);
        return answer.Task;
    }

    /// <summary>Starts an engine anew, for a reason that is no fault. Whoever it answers is let finish first.</summary>
    public void Renew(Seat seat, string why) => _inbox.Writer.TryWrite(new Message.Renew(other => other == seat, why, AtOnce: false));

    /// <summary>The same with all that runs of a provider.</summary>
    public void Renew(string provider, string why) => _inbox.Writer.TryWrite(new Message.Renew(seat => seat.Provider == provider, why, AtOnce: false));

    /// <summary>Ends one instance whatever it answers, and starts it anew.</summary>
    public void RenewAtOnce(string instance, string why) => _inbox.Writer.TryWrite(new Message.Renew(seat => seat.Name == instance, why, AtOnce: true));

    /// <summary>A model is likely to be asked for: it is started where there is room for it, and makes room for whoever is really asked for.</summary>
    public void Warm(string model) => _inbox.Writer.TryWrite(new Message.Warm(model));

    private void TakeRenewal(Func<Seat, bool> which, string why, bool atOnce)
    {
        foreach (var post in _posts.Values.Where(post => which(post.Seat) && (atOnce || !post.IsLeaving)))
        {
            post.Renews ??= new(why, post.Life?.Generation);
            if (atOnce) post.TellRenewal();
        }
    }

    /// <summary>It is to be started anew, and has not ended yet: it is told when it has answered.</summary>
    private bool IsRenewing(Post post)
    {
        if (post.Renews is not { } renewal) return false;
        var isOver = post.Life?.Generation != renewal.Generation || post.Life is { Phase: not (Phase.Starting or Phase.Ready or Phase.Degraded) };
        if (isOver) post.Renews = null;
        else if (!MayFinish(post)) post.TellRenewal();
        return !isOver;
    }

    /// <summary>As if it had been used so long ago that it is about to be idle.</summary>
    private void NoteWarm(string model)
    {
        var (key, used) = (new Seat("", model), _tools.Time.GetUtcNow() - FleetPlan.IdleAfter + s_warm);
        if (!_demands.TryGetValue(key, out var known) || known.LastUsed < used) _demands[key] = new Demand(model, used);
    }

    private void TakeTuning(Message message)
    {
        switch (message)
        {
            case Message.Tuned(var seat, var tuning): _tuned = tuning.IsNone ? _tuned.Remove(seat) : _tuned.SetItem(seat, tuning); break;
            case Message.Renew(var which, var why, var atOnce): TakeRenewal(which, why, atOnce); break;
            case Message.Warm(var model): NoteWarm(model); break;
        }
    }

    /// <summary>Whoever waits for an answer when the loop has ended gets an empty one.</summary>
    private static void Drop(Message message)
    {
        if (message is Message.Ask(var settled)) settled.SetResult();
        if (message is Message.AskSeats(_, var answer)) answer.SetResult([]);
    }

    private IEnumerable<KnownSeat> Serving() =>
        from post in _posts.Values
        where post is { IsLeaving: false, Status.State: ProviderState.Ready or ProviderState.Degraded }
        let model = _inputs.Models.FirstOrDefault(model => model.Id == post.Seat.Model)
        let provider = Providers().FirstOrDefault(provider => provider.Plan.Id == post.Seat.Provider)
        where model is not null && provider is not null
        select Known(post, model, provider, post.Run, post.Supervisor.Spec);

    private IEnumerable<KnownSeat> Able(string id) =>
        from model in Permitted()
        where model.Id == id
        from provider in Providers()
        where provider.Plan.CanLoad(model) && FleetPlan.WhyOff(provider.Plan, PlanInputs()) is null
        select Serving().FirstOrDefault(seat => seat.Seat == new Seat(provider.Plan.Id, id)) ?? Sleeping(model, provider);

    private KnownSeat Sleeping(PlannedModel model, FleetProvider provider)
    {
        var run = new Placement.Run(Math.Min(FleetPlan.SmallestContext, model.ContextTokens > 0 ? model.ContextTokens : FleetPlan.SmallestContext), 1, "measured");
        return Known(null, model, provider, run, provider.Recipe.SpareOf(model, run, _inputs.Config.Builtin, LibrariesFor(model)));
    }

    private KnownSeat Known(Post? post, PlannedModel model, FleetProvider provider, Placement.Run run, InstanceSpec spec)
    {
        var others = _posts.Values.Where(other => other != post).Aggregate(PlanInputs().Pools, (left, other) => left.Without(other.Run.Seating));
        var beside = post is null ? others : others.Without(post.Run.Seating);
        var isFull = _posts.Values.Count(other => other.Seat.Provider == provider.Plan.Id) >= provider.Plan.MostInstances;
        var (config, libraries) = (_inputs.Config.Builtin, LibrariesFor(model));
        return new(
            new(provider.Plan.Id, model.Id), post is not null, model, provider.Plan, run, spec, config,
            spare => provider.Recipe.SpareOf(model, spare, config, libraries),
            (context, slots) => isFull ? null : SeatFit.Find(model, provider.Plan, context, slots, beside, whole: true),
            slots => SeatFit.Find(model, provider.Plan, run.ContextPerSlot, slots, others, whole: true) is not null);
    }
}
