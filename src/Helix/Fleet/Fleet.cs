using System.Collections.Immutable;
using System.Threading.Channels;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>Owns which instances there are. One loop reads one inbox, makes the plan and converges; readers see its snapshots.</summary>
internal sealed partial class Fleet : IFleetView
{
    public const string Builtin = "builtin";

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_known = TimeSpan.FromSeconds(2);

    /// <summary>While one model waits for another to have answered: nobody tells of that end.</summary>
    private static readonly TimeSpan s_quickPace = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly Dictionary<string, Post> _posts = new(StringComparer.Ordinal);
    private readonly Dictionary<Seat, Demand> _demands = [];
    private readonly HashSet<string> _onProcessor = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _asking = [];
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<ProcessIdentity> _missing = [];
    private readonly FleetTools _tools;
    private readonly ILogger _logger;
    private FleetInputs _inputs;
    private readonly Dictionary<string, Wish> _wishes = new(StringComparer.Ordinal);
    private Plan _plan = Plan.Empty;
    private Published _published = new(FleetSnapshot.Empty);

    public Fleet(FleetTools tools, FleetInputs inputs)
    {
        (_tools, _inputs, _shrunk) = (tools, inputs, tools.Shrunk);
        _logger = tools.Loggers.CreateLogger<Fleet>();
        Since = tools.Time.GetUtcNow();
    }

    /// <summary>Told of every change of an instance, on the fleet's own loop: return at once.</summary>
    public Action<InstanceStatus?, InstanceStatus, LifeDecision?> OnTransition { get; init; } = (_, _, _) => { };

    public FleetSnapshot Current => Volatile.Read(ref _published).Snapshot;

    public Task Left => _left.Task;

    private DateTimeOffset Since { get; }

    public async Task ChangedAsync(long version, CancellationToken cancellationToken)
    {
        var published = Volatile.Read(ref _published);
        if (published.Snapshot.Version <= version) await published.Replaced.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when requests for this model are known to go somewhere, or after two seconds.</summary>
    public async Task ServedAsync(string model, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_known, _tools.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            while (Current is var now && now.Models.All(known => known.Id != model)) await ChangedAsync(now.Version, either.Token);
        }
        catch (OperationCanceledException)
        {
            // what it is, is seen by whoever asks for it
        }
    }

    public void Want(string model, string? provider = null) => _inbox.Writer.TryWrite(new Message.Wanted(model, provider));

    public void Update(FleetInputs inputs) => _inbox.Writer.TryWrite(new Message.NewInputs(inputs));

    public void Obey(string provider, Wish wish) => _inbox.Writer.TryWrite(new Message.Wished(provider, wish));

    /// <summary>Completes once everything told before this call has become part of a snapshot.</summary>
    public Task SettledAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_inbox.Writer.TryWrite(new Message.Ask(settled))) settled.SetResult();
        return settled.Task;
    }

    /// <summary>A process of some name ended.</summary>
    public void TellExit(ProcessExit exit) => _inbox.Writer.TryWrite(new Message.Ended(exit));

    /// <summary>Everything that runs now: said at the start, and again after the keeper was away.</summary>
    public void TellRunning(IReadOnlyList<KnownProcess> processes) => _inbox.Writer.TryWrite(new Message.Running(processes));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pace = s_pace;
        using var tick = _tools.Time.CreateTimer(_ => _inbox.Writer.TryWrite(new Message.Tick()), null, pace, pace);
        var isNews = true;
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(cancellationToken))
            {
                isNews |= Take(message);
                while (_inbox.Reader.TryRead(out var more)) isNews |= Take(more);
                if (!isNews) continue;
                isNews = false;
                Converge();
                Publish();
                var next = _plan.Seats.Values.Any(p => p is Placement.Rest { IsAwaited: true }) || _posts.Values.Any(p => p.FinishesSince is not null) ? s_quickPace : s_pace;
                if (next != pace) tick.Change(next, next);
                pace = next;
                foreach (var settled in _asking) settled.SetResult();
                _asking.Clear();
            }
        }
        finally
        {
            _inbox.Writer.TryComplete();
            foreach (var settled in _asking) settled.TrySetResult();
            while (_inbox.Reader.TryRead(out var left))
                Drop(left);
            foreach (var post in _posts.Values) await post.LeaveAsync();
            _left.SetResult();
        }
    }

    /// <returns>False if nothing can follow from it.</returns>
    private bool Take(Message message)
    {
        switch (message)
        {
            case Message.AskSeats(var model, var answer): answer.SetResult(model is null ? [.. Serving()] : [.. Able(model)]); return false;
            case Message.Memory(var name, var pid, var bytes): return TakeMemory(name, pid, bytes);
            case Message.Running(var processes): return TakeRunning(processes);
            case Message.Ask(var settled): _asking.Add(settled); break;
            case Message.Wanted(var model, var provider): Note(model, provider); break;
            case Message.NewInputs(var inputs): TakeInputs(inputs); break;
            case Message.Wished(var provider, var wish): TakeWish(provider, wish); break;
            case Message.Nudge(var provider, var why): TakeNudge(provider, why); break;
            case Message.LookNow: foreach (var post in _posts.Values) post.Supervisor.LookNow(); break;
            case Message.Changed(var status, var life, var decision): TakeStatus(status, life, decision); break;
            case Message.Ledger(var known): _ledger = known; break;
            case Message.Left(var name, var error): NoteLeft(name, error); break;
            case Message.Ended(var exit): if (_posts.TryGetValue(exit.Identity.Name, out var ended)) ended.Supervisor.TellExit(exit); break;
            case Message.Reserved or Message.Tried: TakeTrial(message); break;
            default: TakeTuning(message); break;
        }

        return true;
    }

    private void TakeInputs(FleetInputs inputs)
    {
        if (inputs.Libraries?.Folder != _inputs.Libraries?.Folder) _onProcessor.Clear();
        // what nobody was to bring back is tried again
        if (inputs.Config.Health.AutoRecovery && !_inputs.Config.Health.AutoRecovery) _broken.Clear();
        _inputs = inputs;
        foreach (var post in _posts.Values) post.Supervisor.Adjust(PolicyFor(post.Supervisor.Spec));
    }

    private void TakeWish(string provider, Wish wish)
    {
        _wishes[provider] = wish;
        if (wish != Wish.Start) return;
        Grow(provider);
        TakeNudge(provider, "asked for by you");
    }

    /// <summary>A supervisor whose loop broke takes the daemon with it: half a fleet unwatched is worse than a restart.</summary>
    private void NoteLeft(string name, Exception? error)
    {
        if (error is not null) throw new InvalidOperationException($"the supervisor of {name} broke", error);
        _posts.Remove(name);
    }

    private void TakeStatus(InstanceStatus status, Life life, LifeDecision? decision)
    {
        if (!_posts.TryGetValue(status.Name, out var post)) return;
        TellTransition(post, status, decision);
        var isTried = _tried.Contains(post.Seat);
        if (life.Faults > (post.Life?.Faults ?? 0) && !isTried) TakeFault(post, status, life);
        if (status.State == ProviderState.Critical && !isTried) _broken[post.Seat] = _tools.Time.GetUtcNow();
        else if (status.State == ProviderState.Ready) _broken.Remove(post.Seat);
        (post.Status, post.Life) = (status, life);
        // a model that a device cannot bear is better served slowly than not at all
        if (status.State == ProviderState.Critical && !isTried && post.Supervisor.Spec.IsOnDevice && _onProcessor.Add(post.Supervisor.Spec.Model)) LogFellBack(status.Name, status.Reason);
    }

    private EngineLibraries? LibrariesFor(PlannedModel model) => _onProcessor.Contains(model.Id) ? null : _inputs.Libraries;

    /// <summary>Compares what runs with what is known to run: an end that nobody told of is told now.</summary>
    /// <returns>True if something runs that the fleet does not know.</returns>
    private bool TakeRunning(IReadOnlyList<KnownProcess> processes)
    {
        foreach (var (identity, exit) in processes)
        {
            if (_posts.TryGetValue(identity.Name, out var post))
            {
                if (exit is not null) post.Supervisor.TellExit(exit);
            }
            else if (exit is null)
            {
                _orphans.Add(identity);
                // what was in use when the last daemon ended stays in use
                foreach (var seat in Providers().SelectMany(p => _inputs.Models.Where(p.Plan.CanLoad).Select(m => new Seat(p.Plan.Id, m.Id))).Where(seat => seat.Name == identity.Name).Take(1))
                    Note(seat.Model, seat.Provider == Builtin ? null : seat.Provider);
            }
        }

        // a list is a little older than its reading: only what two of them lack is gone
        var missing = _posts.Values.Select(p => p.Supervisor.Process).OfType<ProcessIdentity>().Where(known => !processes.Any(p => p.Identity == known)).ToHashSet();
        foreach (var gone in missing.Where(_missing.Contains)) _posts[gone.Name].Supervisor.TellExit(new ProcessExit(gone, null, null));
        _missing = missing;
        return _orphans.Count > 0; // of what ended its supervisor tells
    }

    private void Converge()
    {
        NoteUse();
        Forgive();
        var plan = PlanInputs();
        _plan = FleetPlan.Make(plan);
        var runs = Runs().ToArray();
        foreach (var post in _posts.Values.Where(p => !IsWanted(p)))
        {
            if (MayFinish(post)) continue;
            post.Dismiss(_plan.Of(post.Seat)?.WhyNot ?? "no longer planned as it was started");
            if (post.Life is { Phase: Phase.Stopped }) post.Supervisor.Retire();
        }

        // memory that is still being given back is not there yet: who starts waits for those who stop
        var left = _posts.Values.Aggregate(plan.Pools, (pools, post) => pools.Without(post.Run.Seating));
        foreach (var (seat, provider, run, spec) in runs)
        {
            if (!_posts.TryGetValue(spec.Name, out var post))
            {
                if (!left.Holds(run.Seating) || _posts.Values.Count(p => p.Seat.Provider == provider.Plan.Id) >= provider.Plan.MostInstances) continue;
                left = left.Without(run.Seating);
                post = Hire(seat, spec, run);
            }

            if (!IsWanted(post) || IsRenewing(post)) continue;
            post.StaysAfterAll();
            if (!post.IsToldWanted) post.Supervisor.Tell(new Happening.Wanted(run.Why));
        }

        TellAtRest();
        AdoptOrEndOrphans();

        // it is to run, and like this
        bool IsWanted(Post post) => Array.Find(runs, each => each.Seat == post.Seat).Spec?.RunsTheSameAs(post.Supervisor.Spec) == true;
    }

    /// <summary>The built-in engine, and what is installed beside it, with what the user said of each.</summary>
    private IEnumerable<FleetProvider> Providers() => _inputs.Installed.Prepend(_tools.Builtin with { Plan = BuiltinRecipe.PlannedWith(_tools.Builtin.Plan, _inputs.Libraries, _inputs.Devices) }).Select(provider => provider with
    {
        Plan = provider.Plan with
        {
            Release = provider.Release,
            Measured = _ledger,
            IsEnabled = _inputs.Config.Providers.Allows(provider.Plan.Id),
            Wish = !_wishes.TryGetValue(provider.Plan.Id, out var wish) ? ProviderWish.None : wish == Wish.Stop ? ProviderWish.Stop : ProviderWish.Start,
        },
    });

    private IEnumerable<(Seat Seat, FleetProvider Provider, Placement.Run Run, InstanceSpec Spec)> Runs() =>
        from model in _inputs.Models
        from provider in Providers()
        let seat = new Seat(provider.Plan.Id, model.Id)
        let run = _plan.Of(seat) as Placement.Run
        where run is not null
        select (seat, provider, run, provider.Recipe.SpecOf(model, run, _inputs.Config.Builtin, LibrariesFor(model)));

    private Post Hire(Seat seat, InstanceSpec spec, Placement.Run run)
    {
        var tools = new SupervisorTools(
            _tools.Host, _tools.ProberFor(spec), _tools.Time, new Random(_tools.Random.Next()), _tools.Loggers.CreateLogger<Supervisor>())
        {
            Hindrance = _tools.Hindrance,
            Machine = _tools.Machine,
            Launching = _tools.Launching,
        };
        var supervisor = new Supervisor(spec, PolicyFor(spec), tools, (status, life, decision) => _inbox.Writer.TryWrite(new Message.Changed(status, life, decision)));
        var post = new Post(seat, supervisor, run, left: error => _inbox.Writer.TryWrite(new Message.Left(spec.Name, error)));
        _posts[spec.Name] = post;
        // one that was found running is adopted before it is wanted: wanting first would start a second one
        if (_orphans.Find(o => o.Name == spec.Name) is { } orphan)
        {
            supervisor.TellAdopted(orphan, _tools.IsAsLaunched(spec));
            _orphans.Remove(orphan);
        }

        return post;
    }

    private LifecyclePolicy PolicyFor(InstanceSpec spec) => LifecyclePolicy.For(_inputs.Config.Health, spec.ModelBytes, spec.StartPatience, spec.StopPatience, spec.Steps) with { Monitors = _inputs.Config.AutoManager.AutoMonitor };

    private PlanInput PlanInputs() => new(
        [.. Permitted().Select(model => _onProcessor.Contains(model.Id) ? model with { FailedOnDevice = true } : model)],
        [.. Providers().Select(provider => provider.Plan)],
        [.. _demands.Values],
        _inputs.Config.AutoManager.AutoStart,
        _inputs.Config.Builtin.Model,
        _inputs.Config.Builtin.Context,
        _inputs.Config.Builtin.Slots,
        _inputs.MemoryBytes,
        _tools.Time.GetUtcNow())
    {
        Devices = _inputs.Devices,
        Reserved = [.. _reserved.Values],
        Placed = _posts.Values.ToImmutableDictionary(post => post.Seat, post => post.Run),
        Ready = SeatsIn(post => post.Status is { State: ProviderState.Ready or ProviderState.Degraded }),
        Coming = SeatsIn(IsComing),
        Answering = SeatsIn(post => _tools.Tokens.Of(post.Seat.Name).InFlight > 0),
        Shrunk = Shrunk(),
        Tuned = _tuned,
        Broken = [.. _broken.Keys],
        Down = SeatsIn(post => post.Status is { State: ProviderState.Critical } && !_inputs.Config.Health.AutoRecovery),
    };

    /// <summary>For a model that nobody may ask no engine is started, and one that runs is ended.</summary>
    private IEnumerable<PlannedModel> Permitted() => _inputs.Models.Where(model => LicenceRule.Permits(_inputs.Config.Gateway.Licences, model));

    private ImmutableHashSet<Seat> SeatsIn(Func<Post, bool> state) => [.. _posts.Values.Where(state).Select(post => post.Seat)];

    private void Publish()
    {
        var supervised = _posts.Values.Select(WithMemory).OfType<InstanceStatus>().OrderBy(i => i.Name, StringComparer.Ordinal).ToImmutableArray();
        var instances = WithDown(supervised);
        var (providers, plan) = (Providers().ToArray(), PlanInputs());
        var models = _inputs.Models.Select(m => Served(m, providers, supervised)).ToList();
        foreach (var coming in _inputs.Coming.Where(coming => models.All(m => m.Id != coming.Id)).ToArray())
            models.Insert(0, new ServedModel(coming.Id, coming.Abilities, new ModelAvailability.Coming(coming.Progress), [], 0, false, Since));

        var previous = _published;
        var snapshot = new FleetSnapshot(
            previous.Snapshot.Version + 1,
            [.. providers.Select(provider => StatusOf(provider, instances, plan)), .. _inputs.Attached.Select(AttachedView.StatusOf), .. _inputs.Clouds.Select(cloud => CloudView.StatusOf(cloud, _inputs.IsOffline))],
            instances,
            LicenceRule.Apply(CloudView.Join(AttachedView.Join(models, _inputs.Attached), _inputs.Clouds, _inputs.IsOffline), _inputs.Config.Gateway.Licences, _inputs.Models));
        // who waits for a change, and asks for a model each time it comes, must not be answered by its own asking
        if (FleetView.LooksTheSame(previous.Snapshot, snapshot)) return;
        Volatile.Write(ref _published, new Published(snapshot));
        previous.Replaced.SetResult();
    }

    private ProviderStatus StatusOf(FleetProvider provider, ImmutableArray<InstanceStatus> instances, PlanInput plan)
    {
        var id = provider.Plan.Id;
        var why = FleetPlan.WhyOff(provider.Plan, plan)?.WhyNot
            ?? Permitted().Where(provider.Plan.CanLoad).Select(model => id != Builtin && _plan.Of(new Seat(id, model.Id)) is Placement.Rest { LacksMemory: true } rest ? $"{model.Id} {rest.WhyNot}" : null).OfType<string>().FirstOrDefault()
            ?? (Permitted().Where(provider.Plan.CanLoad).OrderBy(model => model.IsSelfTest).FirstOrDefault() is { } model
                ? id == Builtin ? _plan.Of(new Seat(id, model.Id))?.WhyNot ?? "a request wakes it" : $"a request for the model {id}/{model.Id} starts it"
                : $"no model here that it can load: it takes {string.Join(", ", provider.Plan.Formats)}");
        var release = id == Builtin && _inputs.Libraries is { } build ? $"{provider.Release}, {VariantChoice.NameOf(build.Variant)}" : provider.Release;
        return FleetView.ProviderOf(id, provider.Name, release, [.. instances.Where(i => i.Provider == id)], why, Since);
    }

    private ServedModel Served(PlannedModel model, FleetProvider[] providers, ImmutableArray<InstanceStatus> instances)
    {
        var serving = _plan.Served.GetValueOrDefault(model.Id);
        var seats = providers.Where(provider => provider.Plan.CanLoad(model))
            .OrderByDescending(provider => provider.Plan.Id == serving.Provider)
            .Select(provider => SeatOf(new(provider.Plan.Id, model.Id), provider.Plan.With(model.Abilities), instances)).ToImmutableArray();
        ModelAvailability availability = seats.FirstOrDefault(seat => seat.Backend is not null)?.Availability
            ?? seats.FirstOrDefault()?.Availability ?? FleetView.AvailabilityOf(_plan.Of(model.Id), null);
        var context = ContextOf(_plan.Of(model.Id)) ?? model.ContextTokens;
        return new ServedModel(model.Id, model.Abilities, availability, [.. seats.Select(seat => seat.Backend).OfType<Backend>()], context, model.IsSelfTest, model.Added) { Seats = seats };
    }

    /// <summary>What an engine was, or would be, started with is what a request can have.</summary>
    private static int? ContextOf(Placement? placement) => placement switch { Placement.Run run => run.ContextPerSlot, Placement.Rest { Alone: { } alone } => alone.ContextPerSlot, _ => null };

    private ServedSeat SeatOf(Seat seat, ModelAbilities abilities, ImmutableArray<InstanceStatus> instances)
    {
        var availability = FleetView.AvailabilityOf(_plan.Of(seat) ?? new Placement.Rest("not planned yet"), instances.FirstOrDefault(i => i.Name == seat.Name && !_posts[i.Name].IsLeaving));
        var backend = availability is ModelAvailability.Ready && _posts.GetValueOrDefault(seat.Name) is { Supervisor.Spec: { } spec, Run: var started }
            ? new Backend(seat.Name, seat.Provider, spec.Endpoint, spec.UpstreamModel, spec.Key) { Abilities = abilities, ContextTokens = ContextOf(_plan.Of(seat)) ?? 0, Slots = started.Slots, Continues = spec.Probes.Continues, Gaps = spec.Probes.Gaps }
            : null;
        return new ServedSeat(seat.Provider, availability, backend);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} failed again and again on the device ({Why}): from now on the processor computes for it")]
    private partial void LogFellBack(string name, string why);
}
