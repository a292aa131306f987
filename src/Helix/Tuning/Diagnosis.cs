using System.Globalization;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Tuning;
using Helix.Core.Updates;
using Helix.Fleet;
using Helix.Updates;

namespace Helix.Tuning;

/// <summary>Measures engines when somebody wants to know: alone, with a long prompt, with several requests at once, and until they bear no more.</summary>
internal sealed class Diagnosis(Fleet.Fleet fleet, TunerTools tools, Tuner tuner)
{
    private const int Short = 32;
    private const int Long = 512;
    private const int Answer = 32;
    private const int Times = 3;

    /// <summary>Rounds of so many requests at once are measured in any case.</summary>
    private const int UsualMost = 8;

    /// <summary>A long answer is not to keep a short one waiting for all of its time.</summary>
    private const int FewestSlots = 2;

    /// <summary>What can be measured for a request.</summary>
    public async Task<(IReadOnlyList<KnownSeat> Seats, ApiError? Error)> SeatsAsync(DiagnoseRequest request)
    {
        var running = (await tools.Running()).Where(seat => Answers(seat.Model)).ToArray();
        if (request.Model is { } named && fleet.Current.Models.All(model => model.Id != named)) return ([], new("not_found", $"there is no model {named}", "helix models list shows which there are."));
        if (request.Provider is { } wanted && fleet.Current.Providers.All(provider => provider.Id != wanted)) return ([], new("not_found", $"there is no provider {wanted} that is installed", "helix local-llm list shows which there are."));
        var of = running.Where(seat => (request.Model ?? seat.Model.Id) == seat.Model.Id);
        var model = request.Model ?? of.OrderBy(seat => seat.Model.IsSelfTest).FirstOrDefault()?.Model.Id;
        var all = request.Compare || request.Model is not null ? model is null ? [] : (await fleet.SeatsOfAsync(model)).Where(seat => Answers(seat.Model) && (seat.IsServing || request.Compare || request.Provider == seat.Seat.Provider)) : of;
        var seats = all.Where(seat => (request.Provider ?? seat.Seat.Provider) == seat.Seat.Provider).ToArray();
        return seats.Length > 0 ? (seats, null) : ([], new("conflict", "nothing that answers in words serves now, so there is nothing to measure", "Ask a model for something first, or name one: helix local-llm diagnose --measure --model ID --compare"));
    }

    public async Task<DiagnosisReport> RunAsync(IReadOnlyList<KnownSeat> seats, DiagnoseRequest request, Action<DiagnosisEvent> report, CancellationToken cancellationToken)
    {
        var levels = LoadKnee.Steps.Where(step => request.Load || step <= UsualMost).ToArray();
        var (done, total) = (0, seats.Count * (2 + levels.Length));
        var measured = new List<MeasuredEngine>();
        foreach (var seat in seats)
        {
            measured.Add(await OneAsync(seat, levels, request.Load, step => report(new($"{seat.Seat.Provider} with {seat.Model.Id}: {step}", done++, total)), cancellationToken));
            done = measured.Count * (2 + levels.Length);
        }

        return new(measured);
    }

    private async Task<MeasuredEngine> OneAsync(KnownSeat seat, int[] levels, bool load, Action<string> step, CancellationToken cancellationToken)
    {
        var context = Math.Min(seat.Run.ContextPerSlot, FleetPlan.SmallestContext);
        // how many it bears shows only where it has a slot for each
        var slots = load ? levels.Where(level => seat.Provider.Tunes.Within(Tunable.Slots, level) == level && seat.Beside(context, level) is not null).DefaultIfEmpty(seat.Run.Slots).Max() : seat.Run.Slots;
        if (seat.IsServing && (!load || slots <= seat.Run.Slots)) return await MeasureAsync(seat, seat.Spec, false, levels, load, step, cancellationToken);
        if (seat.Beside(context, slots) is not { } seating) return Failed(seat, "there is no room for it beside what runs");
        step("starting it beside");
        using var room = tools.Reserve(seating);
        var found = default(MeasuredEngine);
        var wrong = await tools.Spare(
            seat.Spare(new Placement.Run(context, slots, "measured") { Seating = seating, Tuned = seat.Run.Tuned }),
            async (spec, token) => found = await MeasureAsync(seat, spec, true, levels, load, step, token),
            cancellationToken);
        return found ?? Failed(seat, wrong ?? "it was not measured");
    }

    private async Task<MeasuredEngine> MeasureAsync(KnownSeat seat, InstanceSpec spec, bool beside, int[] levels, bool load, Action<string> step, CancellationToken cancellationToken)
    {
        var target = MeterTarget.Of(spec);
        step("alone");
        var warm = await tools.Round(target, Mix(Short, 1), cancellationToken);
        if (warm.Error is { } error) return Failed(seat, error);
        var alone = await ManyAsync(target, Mix(Short, 1), cancellationToken);
        step("with a long prompt");
        var length = Math.Min(Long, seat.Run.ContextPerSlot / 2);
        var prompts = await ManyAsync(target, Mix(length, 1), cancellationToken);
        var points = new List<LoadPoint>();
        foreach (var level in levels)
        {
            step($"{level} {(level == 1 ? "request" : "requests")} at once");
            points.Add(PointOf(level, await tools.Round(target, Mix(Short, level), cancellationToken)));
            if (load && LoadKnee.IsBeyond(points[0], points[^1])) break;
        }

        var knee = load ? LoadKnee.Of(points) : null;
        var reading = MedianFirst(prompts).TotalSeconds;
        return new(
            seat.Seat.Provider, seat.Model.Id, beside, Rounded(MedianFirst(alone).TotalMilliseconds), Rate(alone), reading > 0 ? Rounded(length / reading) : null,
            [.. points.Select(point => new MeasuredLoad(point.Concurrency, Rounded(point.FirstToken50.TotalMilliseconds), Rounded(point.FirstToken95.TotalMilliseconds), Rounded(point.TokensPerSecond), point.Requests, point.Failed))],
            knee, knee is { } bears && seat.IsServing ? Feed(seat, bears) : null, alone.Concat(prompts).FirstOrDefault(answer => answer.Error is not null)?.Error);
    }

    /// <summary>The plan gives it as many slots as it bears.</summary>
    private string Feed(KnownSeat seat, int knee)
    {
        var slots = Math.Max(FewestSlots, knee);
        if (seat.Provider.Tunes.Of(Tunable.Slots) is not { } range || range.Within(slots) != slots) return $"its manifest does not let it have {slots} slots";
        if (Tuner.SetByUser(seat.Config).Contains(Tunable.Slots)) return "builtin.slots is set by you: it stays";
        if (slots == seat.Run.Slots) return $"it has {slots} slots already";
        if (!seat.Fits(slots)) return $"there is no memory for {slots} slots";
        tuner.Keep(seat, new KnobChange(Tunable.Slots, seat.Run.Slots.ToString(CultureInfo.InvariantCulture), slots.ToString(CultureInfo.InvariantCulture), $"it bears {knee} requests at once"), "measured by a load test");
        return $"from now on it has {slots} slots instead of {seat.Run.Slots}";
    }

    private async Task<IReadOnlyList<Measurement>> ManyAsync(MeterTarget target, RequestMix mix, CancellationToken cancellationToken)
    {
        var answers = new List<Measurement>();
        for (var time = 0; time < Times; time++) answers.AddRange((await tools.Round(target, mix, cancellationToken)).Answers);
        return answers;
    }

    private static LoadPoint PointOf(int level, MixRound round)
    {
        var good = round.Answers.Where(answer => answer.Error is null).ToArray();
        var first = good.Select(answer => answer.FirstToken).ToArray();
        return new(level, LoadKnee.Percentile(first, 50), LoadKnee.Percentile(first, 95), round.Seconds > 0 ? good.Sum(answer => answer.Tokens) / round.Seconds : 0, round.Answers.Count, round.Answers.Count - good.Length);
    }

    /// <summary>Two requests for each that is under way at a time.</summary>
    private static RequestMix Mix(int prompt, int concurrent) => new([new(prompt, Answer, concurrent)], concurrent);

    private static bool Answers(PlannedModel model) => (model.Abilities & (ModelAbilities.Chat | ModelAbilities.Completion)) != ModelAbilities.None;

    private static TimeSpan MedianFirst(IEnumerable<Measurement> answers) => LoadKnee.Percentile([.. answers.Where(answer => answer.Error is null).Select(answer => answer.FirstToken)], 50);

    private static double? Rate(IEnumerable<Measurement> answers) => answers.Select(answer => answer.TokensPerSecond).OfType<double>().Order().ToArray() is { Length: > 0 } rates ? Rounded(rates[rates.Length / 2]) : null;

    private static double Rounded(double value) => Math.Round(value, value < 10 ? 2 : 1);

    private static MeasuredEngine Failed(KnownSeat seat, string why) => new(seat.Seat.Provider, seat.Model.Id, !seat.IsServing, null, null, null, [], null, null, why);
}
