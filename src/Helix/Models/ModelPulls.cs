using Helix.Contracts;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Fetches models. Two who want the same thing at the same time share one download; it ends when the last of them has gone.</summary>
internal sealed class ModelPulls(ModelLibrary library, ModelFetch fetch, Func<ModelCatalog> catalog, Func<Uri> hub)
{
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);

    /// <summary>Protects <see cref="_running"/> and the lists of listeners in it.</summary>
    private readonly Lock _gate = new();

    /// <param name="text">A name of the catalogue, <c>hf:owner/repository/file</c> or an address.</param>
    /// <param name="name">The id that the model gets; null for one made from the file's name.</param>
    /// <param name="weights">gguf, safetensors, mlx or exl3, of a name of the catalogue; null for GGUF.</param>
    /// <param name="report">Called for each step; from any thread, one call at a time.</param>
    public async Task<LibraryOutcome> PullAsync(string text, string? name, Action<PullEvent> report, CancellationToken cancellationToken, string? weights = null)
    {
        if (name is not null && LibraryIntake.NameRefusal(library, name) is { } taken) return taken;
        switch (ModelSource.Parse(text, hub()))
        {
            case ModelSource.Unclear(var reason, var remedy): return new LibraryOutcome.Refused("invalid", reason, remedy);
            case ModelSource.Named(var wanted) when weights is not (null or "gguf") && catalog().Find(wanted) is { } entry:
                return (entry.Variants ?? []).FirstOrDefault(variant => variant.Format == weights) is { } found
                    ? await ShareAsync(found.Source, null, name ?? $"{entry.Id}-{weights}", report, cancellationToken)
                    : new LibraryOutcome.Refused("not_found", $"the catalogue knows no {weights} of {wanted}", $"It knows: {string.Join(", ", (entry.Variants ?? []).Select(variant => variant.Format).Prepend("gguf"))}. Any other: helix models pull hf:owner/repository");
            case ModelSource.Named(var wanted) when catalog().Find(wanted) is { } entry: return await ShareAsync(entry.Source, entry.Bytes, name ?? entry.Id, report, cancellationToken);
            case ModelSource.Named(var wanted): return new LibraryOutcome.Refused("not_found", $"the catalogue has no {wanted}", $"It has: {string.Join(", ", catalog().Entries.Select(entry => entry.Id))}.");
            case var source: return await ShareAsync(source, null, name, report, cancellationToken);
        }
    }

    private async Task<LibraryOutcome> ShareAsync(ModelSource source, long? bytes, string? name, Action<PullEvent> report, CancellationToken cancellationToken)
    {
        Running running;
        lock (_gate)
        {
            var key = source is ModelSource.Address(var url, _) ? url.AbsoluteUri : source.ToString();
            if (!_running.TryGetValue(key, out running!) || running.Stop.IsCancellationRequested)
            {
                var before = running?.Task;
                running = new Running(new CancellationTokenSource());
                _running[key] = running;
                running.Task = RunAsync(key, source, bytes, name, running, before);
            }

            running.Listeners.Add(report);
            if (running.Last is { } last) report(last);
        }

        try
        {
            var outcome = await running.Task.WaitAsync(cancellationToken);
            return outcome is LibraryOutcome.Added { Note: null } added && name is not null && added.Model.Id != name
                ? added with { Note = $"somebody fetched the same at the same time, as {added.Model.Id}; the name {name} was not given" }
                : outcome;
        }
        finally
        {
            lock (_gate)
            {
                running.Listeners.Remove(report);
                if (running.Listeners.Count == 0) running.Stop.Cancel();
            }
        }
    }

    /// <param name="before">One that was given up and may still be putting its file away.</param>
    private async Task<LibraryOutcome> RunAsync(string key, ModelSource source, long? bytes, string? name, Running running, Task? before)
    {
        await Task.Yield();
        if (before is not null) await before.ContinueWith(static _ => { }, TaskScheduler.Default);
        try
        {
            return await fetch.RunAsync(source, bytes, name, happened => Tell(running, happened), running.Stop.Token);
        }
        finally
        {
            lock (_gate)
                if (_running.TryGetValue(key, out var current) && current == running)
                    _running.Remove(key);
        }
    }

    private void Tell(Running running, PullEvent happened)
    {
        lock (_gate)
        {
            running.Last = happened;
            foreach (var listener in running.Listeners) listener(happened);
        }
    }

    private sealed class Running(CancellationTokenSource stop)
    {
        public CancellationTokenSource Stop => stop;

        public List<Action<PullEvent>> Listeners { get; } = [];

        public PullEvent? Last { get; set; }

        public Task<LibraryOutcome> Task { get; set; } = null!;
    }
}
