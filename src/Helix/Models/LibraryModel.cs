using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>A model that is whole on the disk and may be given to an engine.</summary>
/// <param name="Path">Of its file, of the first of its files, or of its folder.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Sha256">Null for files that were dropped into the folder and for models in several files or a folder.</param>
/// <param name="Source">A path, a URL, <c>hf:owner/repo/file@revision</c>, or <c>dropped</c>.</param>
internal sealed record LibraryModel(string Id, string Path, long Bytes, string? Sha256, ModelFacts Facts, string Source, DateTimeOffset Added, ModelFormat Format = ModelFormat.Gguf)
{
    /// <summary>The source of a file that somebody put into the folder.</summary>
    public const string Dropped = "dropped";

    public ModelAbilities Abilities => Facts.Role switch
    {
        ModelRole.Embedding => ModelAbilities.Embeddings,
        ModelRole.Reranking => ModelAbilities.Rerank,
        ModelRole.Other => ModelAbilities.None,
        _ => ModelAbilities.Completion | ModelAbilities.Embeddings | (Facts.ChatTemplate is null ? ModelAbilities.None : ModelAbilities.Chat),
    };
}

/// <summary>Something in the folder that cannot be used.</summary>
internal sealed record LibraryProblem(string File, string Reason, string Remedy);

/// <summary>The library at one moment. Never changed, replaced whole.</summary>
/// <param name="Looked">False until the folder was looked through for the first time.</param>
internal sealed record LibrarySnapshot(bool Looked, ImmutableArray<LibraryModel> Models, ImmutableArray<LibraryProblem> Problems)
{
    public static LibrarySnapshot Empty { get; } = new(false, [], []);

    /// <summary>Ids of models that have a name and no weights: they were restored from a backup, or their files were deleted.</summary>
    public ImmutableArray<string> Absent { get; init; } = [];

    /// <summary>Ids of models with weights that are not what was written down, or cannot be read.</summary>
    public ImmutableArray<string> Damaged { get; init; } = [];

    public LibraryModel? Find(string id) => Models.FirstOrDefault(model => model.Id == id);

    public bool IsSame(LibrarySnapshot other) => Looked == other.Looked && Models.SequenceEqual(other.Models) && Problems.SequenceEqual(other.Problems) && Absent.SequenceEqual(other.Absent) && Damaged.SequenceEqual(other.Damaged);
}
