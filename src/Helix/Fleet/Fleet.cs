using System.Collections.Immutable;
using System.Threading.Channels;
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

    /// <summary>While one model waits for another to have answered: nobody tells of that end.</summary>
    private static readonly TimeSpan s_quickPace = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly Dictionary<string, Post> _posts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Demand> _demands = new(StringComparer.Ordinal);
    private readonly List<ProcessIdentity> _orphans = [];
    private readonly HashSet<string> _onProcessor = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _asking = [];
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<ProcessIdentity> _missing = [];
    private readonly FleetTools _tools;
    private readonly ILogger _logger;
    private FleetInputs _inputs;
    private Wish? _wish;
    private ImmutableDictionary<string, Placement> _plan = ImmutableDictionary<string, Placement>.Empty;
    private Published _published = new(FleetSnapshot.Empty);

    public Fleet(FleetTools tools, FleetInputs inputs)
    {
        (_tools, _inputs) = (tools, inputs);
        _logger = tools.Loggers.CreateLogger<Fleet>();
        Since = tools.Time.GetUtcNow();
    }

    /// <summary>Told of every change of an instance, on the fleet's own loop: return at once.</summary>
    public Action<InstanceStatus?, InstanceStatus> OnTransition { get; init; } = (_, _) => { };

    public FleetSnapshot Current => Volatile.Read(ref _published).Snapshot;

    public Task Left => _left.Task;

    private DateTimeOffset Since { get; }

    public async Task ChangedAsync(long version, CancellationToken cancellationToken)
    {
        var published = Volatile.Read(ref _published);
        if (published.Snapshot.Version <= version) await published.Replaced.Task.WaitAsync(cancellationToken);
    }

    public void Want(string model) => _inbox.Writer.TryWrite(new Message.Wanted(model));

    public void Update(FleetInputs inputs) => _inbox.Writer.TryWrite(new Message.NewInputs(inputs));

    public void Obey(Wish wish) => _inbox.Writer.TryWrite(new Message.Wished(wish));

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
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(cancellationToken))
            {
                Take(message);
                while (_inbox.Reader.TryRead(out var more)) Take(more);
                Converge();
                Publish();
                var next = _plan.Values.Any(p => p is Placement.Rest { IsAwaited: true }) ? s_quickPace : s_pace;
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
                if (left is Message.Ask(var settled)) settled.SetResult();
            foreach (var post in _posts.Values) await post.LeaveAsync();
            _left.SetResult();
        }
    }

    private void Take(Message message)
    {
        switch (message)
        {
            case Message.Ask(var settled): _asking.Add(settled); break;
            case Message.Wanted(var model): _demands[model] = new Demand(model, _tools.Time.GetUtcNow()); break;
            case Message.NewInputs(var inputs): TakeInputs(inputs); break;
            case Message.Wished(var wish): TakeWish(wish); break;
            case Message.Changed(var status, var life): TakeStatus(status, life); break;
            case Message.Left(var name, var error): NoteLeft(name, error); break;
            case Message.Ended(var exit): if (_posts.TryGetValue(exit.Identity.Name, out var ended)) ended.Supervisor.TellExit(exit); break;
            case Message.Running(var processes): TakeRunning(processes); break;
        }
    }

    private void TakeInputs(FleetInputs inputs)
    {
        if (inputs.Libraries?.Folder != _inputs.Libraries?.Folder) _onProcessor.Clear();
        _inputs = inputs;
        foreach (var post in _posts.Values) post.Supervisor.Adjust(PolicyFor(post.Supervisor.Spec));
    }

    private void TakeWish(Wish wish)
    {
        _wish = wish;
        if (wish != Wish.Start) return;
        foreach (var post in _posts.Values) post.Supervisor.Tell(new Happening.Nudged("asked for by you"));
    }

    /// <summary>A supervisor whose loop broke takes the daemon with it: half a fleet unwatched is worse than a restart.</summary>
    private void NoteLeft(string name, Exception? error)
    {
        if (error is not null) throw new InvalidOperationException($"the supervisor of {name} broke", error);
        _posts.Remove(name);
    }

    private void TakeStatus(InstanceStatus status, Life life)
    {
        if (!_posts.TryGetValue(status.Name, out var post)) return;
        if (post.Status?.State != status.State) OnTransition(post.Status, status);
        (post.Status, post.Life) = (status, life);
        // a model that a device cannot bear is better served slowly than not at all
        if (status.State == ProviderState.Critical && post.Supervisor.Spec.IsOnDevice && _onProcessor.Add(post.Supervisor.Spec.Model)) LogFellBack(status.Name, status.Reason);
    }

    private EngineLibraries? LibrariesFor(PlannedModel model) => _onProcessor.Contains(model.Id) ? null : _inputs.Libraries;

    /// <summary>Compares what runs with what is known to run: an end that nobody told of is told now.</summary>
    private void TakeRunning(IReadOnlyList<KnownProcess> processes)
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
                if (_inputs.Models.FirstOrDefault(m => _tools.Recipe.InstanceName(m.Id) == identity.Name) is { } model)
                    _demands[model.Id] = new Demand(model.Id, _tools.Time.GetUtcNow());
            }
        }

        // a list is a little older than its reading: only what two of them lack is gone
        var missing = _posts.Values.Select(p => p.Supervisor.Process).OfType<ProcessIdentity>().Where(known => !processes.Any(p => p.Identity == known)).ToHashSet();
        foreach (var gone in missing.Where(_missing.Contains)) _posts[gone.Name].Supervisor.TellExit(new ProcessExit(gone, null, null));
        _missing = missing;
    }

    private void Converge()
    {
        foreach (var model in _inputs.Models)
        {
            var name = _tools.Recipe.InstanceName(model.Id);
            var (inFlight, used) = _tools.Tokens.Of(name);
            var known = _demands.GetValueOrDefault(model.Id) ?? new Demand(model.Id, DateTimeOffset.MinValue);
            var now = known with { LastUsed = used > known.LastUsed ? used.Value : known.LastUsed, Answering = inFlight > 0 && _posts.ContainsKey(name) };
            if (now != known) _demands[model.Id] = now;
        }

        var plan = PlanInputs();
        _plan = FleetPlan.Make(plan);
        foreach (var post in _posts.Values.Where(p => Wanted(p) is null))
        {
            var why = _plan.GetValueOrDefault(post.Supervisor.Spec.Model)?.WhyNot ?? "no longer planned as it was started";
            post.Supervisor.Tell(new Happening.Unwanted(why));
            if (post.Life is { Phase: Phase.Stopped }) post.Supervisor.Retire();
        }

        // memory that is still being given back is not there yet: who starts waits for those who stop
        var leaving = _posts.Values.Where(p => Wanted(p) is null).Sum(p => p.NeedBytes);
        var taken = _posts.Values.Where(p => Wanted(p) is not null).Sum(p => p.NeedBytes);
        foreach (var model in _inputs.Models)
        {
            if (_plan.GetValueOrDefault(model.Id) is not Placement.Run run) continue;
            var spec = SpecOf(model, run);
            if (!_posts.TryGetValue(spec.Name, out var post))
            {
                var need = FleetPlan.NeedBytes(model, run.ContextPerSlot, run.Slots);
                if (leaving + taken + need > _inputs.MemoryBytes) continue;
                taken += need;
                post = Hire(spec, need);
            }

            if (Wanted(post) is not null) post.Supervisor.Tell(new Happening.Wanted(run.Why));
        }

        AdoptOrEndOrphans();
    }

    /// <summary>The placement that this post fulfils as it is; null if it should not run, or not like this.</summary>
    private Placement.Run? Wanted(Post post)
    {
        var spec = post.Supervisor.Spec;
        var model = _inputs.Models.FirstOrDefault(m => m.Id == spec.Model);
        return model is not null && _plan.GetValueOrDefault(spec.Model) is Placement.Run run
            && SpecOf(model, run).RunsTheSameAs(spec) ? run : null;
    }

    private InstanceSpec SpecOf(PlannedModel model, Placement.Run run) =>
        _tools.Recipe.SpecOf(model, run.ContextPerSlot, _inputs.Config.Builtin with { Slots = run.Slots }, LibrariesFor(model));

    private void AdoptOrEndOrphans()
    {
        foreach (var orphan in _orphans)
        {
            if (_posts.TryGetValue(orphan.Name, out var post))
                post.Supervisor.TellAdopted(orphan);
            else
                LogOrphan(orphan.Name, orphan.Pid, EndAsync(orphan));
        }

        _orphans.Clear();
    }

    private async Task EndAsync(ProcessIdentity process)
    {
        try
        {
            await _tools.Host.SignalAsync(process, ProcessSignal.Terminate, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SpawnFailedException)
        {
            LogOrphanFailed(process.Name, e);
        }
    }

    private Post Hire(InstanceSpec spec, long needBytes)
    {
        var tools = new SupervisorTools(
            _tools.Host, _tools.ProberFor(spec), _tools.Time, new Random(_tools.Random.Next()), _tools.Loggers.CreateLogger<Supervisor>());
        var supervisor = new Supervisor(spec, PolicyFor(spec), tools, (status, life) => _inbox.Writer.TryWrite(new Message.Changed(status, life)));
        var post = new Post(supervisor, needBytes, left: error => _inbox.Writer.TryWrite(new Message.Left(spec.Name, error)));
        _posts[spec.Name] = post;
        // one that was found running is adopted before it is wanted: wanting first would start a second one
        if (_orphans.Find(o => o.Name == spec.Name) is { } orphan)
        {
            supervisor.TellAdopted(orphan);
            _orphans.Remove(orphan);
        }

        return post;
    }

    private LifecyclePolicy PolicyFor(InstanceSpec spec) => LifecyclePolicy.For(_inputs.Config.Health, spec.ModelBytes);

    private PlanInput PlanInputs() => new(
        _inputs.Models,
        [.. _demands.Values],
        _inputs.Config.Providers.Allows(Builtin),
        _inputs.Config.AutoManager.AutoStart,
        _wish == Wish.Stop,
        _wish == Wish.Start,
        _inputs.Config.Builtin.Model,
        _inputs.Config.Builtin.Context,
        _inputs.Config.Builtin.Slots,
        _inputs.MemoryBytes,
        _tools.Time.GetUtcNow());

    private void Publish()
    {
        var instances = _posts.Values.Select(p => p.Status).OfType<InstanceStatus>().OrderBy(i => i.Name, StringComparer.Ordinal).ToImmutableArray();
        var models = _inputs.Models.Select(m => Served(m, instances)).ToList();
        if (_inputs.Coming is { } coming && models.All(m => m.Id != coming.Id))
            models.Insert(0, new ServedModel(coming.Id, ModelAbilities.Chat | ModelAbilities.Completion, new ModelAvailability.Coming(coming.Progress), [], 0, false, Since));

        var whyNone = _plan.Values.Select(p => p.WhyNot).FirstOrDefault(why => why is not null) ?? "no model to serve";
        var provider = FleetView.ProviderOf(Builtin, "Built-in engine (llama.cpp)", Release, instances, whyNone, Since);
        var previous = _published;
        var snapshot = new FleetSnapshot(previous.Snapshot.Version + 1, [provider], instances, [.. models]);
        // who waits for a change, and asks for a model each time it comes, must not be answered by its own asking
        if (FleetView.LooksTheSame(previous.Snapshot, snapshot)) return;
        Volatile.Write(ref _published, new Published(snapshot));
        previous.Replaced.SetResult();
    }

    private string Release => _inputs.Libraries is { } build ? $"{_tools.Recipe.Release}, {VariantChoice.NameOf(build.Variant)}" : _tools.Recipe.Release;

    private ServedModel Served(PlannedModel model, ImmutableArray<InstanceStatus> instances)
    {
        var name = _tools.Recipe.InstanceName(model.Id);
        var instance = instances.FirstOrDefault(i => i.Name == name);
        var availability = FleetView.AvailabilityOf(_plan.GetValueOrDefault(model.Id) ?? new Placement.Rest("not planned yet"), instance);
        var post = _posts.GetValueOrDefault(name);
        ImmutableArray<Backend> backends = availability is ModelAvailability.Ready && post is not null
            ? [new Backend(name, Builtin, post.Supervisor.Spec.Socket, model.Id)]
            : [];
        return new ServedModel(model.Id, model.Abilities, availability, backends, model.ContextTokens, model.IsSelfTest, model.Added);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} failed again and again on the device ({Why}): from now on the processor computes for it")]
    private partial void LogFellBack(string name, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} (pid {Pid}) runs though nothing wants it: asked to stop")]
    private partial void LogOrphanEnded(string name, int pid);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not be asked to stop")]
    private partial void LogOrphanFailed(string name, Exception exception);

    private void LogOrphan(string name, int pid, Task _) => LogOrphanEnded(name, pid);
}
