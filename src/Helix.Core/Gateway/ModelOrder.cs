using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>One of several models of which the best is to answer a request.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Choice">Where that leads at this moment.</param>
/// <param name="Candidates">Whatever the request can be sent to for it; empty where it is not sent.</param>
internal sealed record OfferedModel(string Name, ModelChoice Choice, ImmutableArray<Candidate> Candidates)
{
    public bool IsCloud => (Choice.Found ?? Choice.Failed) is { Origin: ModelOrigin.Cloud };

    /// <summary>It can answer at once; what always says the same is no answer that anything is compared with.</summary>
    public bool IsReady => !Candidates.IsEmpty && Choice.Found is { IsSelfTest: false };
}

/// <summary>Candidates of several models that were compared for a request, and what came of it.</summary>
/// <param name="Model">Name of the one that is asked first.</param>
internal sealed record ModelContest(string Model, Candidate[] Candidates, Weighed[] Weighed, BackendTaken Taken)
{
    public Backend Winner => Candidates[Taken.At].Backend;
}

/// <param name="Names">In the order in which they are asked.</param>
/// <param name="Contests">Those that led to it; empty where there was nothing to compare.</param>
internal sealed record OrderedModels(ImmutableArray<string> Names, ImmutableArray<ModelContest> Contests);

/// <summary>
/// Of several models that may answer a request, brings the best before the others, by the scores of their backends. What is served here goes before
/// clouds, and is waited for, unless the user says that cost decides that, too.
/// </summary>
internal static class ModelOrder
{
    /// <param name="models">In the order in which the user wrote them: of equals, the first stays first.</param>
    /// <param name="comparesWithClouds">Clouds are compared with what is ready here, instead of coming after it.</param>
    public static OrderedModels Of(ImmutableArray<OfferedModel> models, ChoiceTerms terms, bool comparesWithClouds)
    {
        ImmutableArray<OfferedModel> here = [.. models.Where(model => model is { IsReady: true, IsCloud: false })];
        ImmutableArray<OfferedModel> clouds = [.. models.Where(model => model is { IsReady: true, IsCloud: true })];
        var contests = ImmutableArray.CreateBuilder<ModelContest>();
        var order = ImmutableArray.CreateBuilder<OfferedModel>(models.Length);
        // where nothing is ready here, a cloud is not asked for a wait that may be short; and where nothing is compared, none is paid for being written first
        var isMixed = comparesWithClouds && terms.Balances && !here.IsEmpty;
        order.AddRange(Ranked(isMixed ? [.. models.Where(model => model.IsReady)] : here, terms, contests));
        order.AddRange(models.Where(model => model is { IsReady: false, IsCloud: false }));
        if (!isMixed) order.AddRange(Ranked(clouds, terms, contests));
        order.AddRange(models.Where(model => model is { IsReady: false, IsCloud: true }));
        return new([.. order.Select(model => model.Name)], contests.ToImmutable());
    }

    private static ImmutableArray<OfferedModel> Ranked(ImmutableArray<OfferedModel> models, ChoiceTerms terms, ImmutableArray<ModelContest>.Builder contests)
    {
        if (models.Length < 2) return models;
        Candidate[] candidates = [.. models.SelectMany(model => model.Candidates)];
        var weighed = new Weighed[candidates.Length];
        BackendChoice.Weigh(candidates, terms, weighed);
        var taken = BackendChoice.Choose(candidates, terms, weighed);
        var scores = new double[models.Length];
        var (at, first) = (0, 0);
        for (var model = 0; model < models.Length; model++)
        {
            scores[model] = double.PositiveInfinity;
            for (var end = at + models[model].Candidates.Length; at < end; at++)
            {
                scores[model] = Math.Min(scores[model], weighed[at].Score);
                if (at == taken.At) first = model;
            }
        }

        contests.Add(new(models[first].Name, candidates, weighed, taken));
        return [.. Enumerable.Range(0, models.Length).OrderBy(model => model != first).ThenBy(model => terms.Balances ? scores[model] : model).Select(model => models[model])];
    }
}
