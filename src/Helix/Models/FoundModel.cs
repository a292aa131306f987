using System.Collections.Immutable;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>A model that another program has on this machine.</summary>
/// <param name="Name">The program, a colon, and the name that the program gives it, for example <c>ollama:qwen3:0.6b</c>.</param>
/// <param name="Path">Of its file, of the first of its files, or of its folder.</param>
/// <param name="Id">What it would be called in the library, unless that is taken.</param>
/// <param name="Sha256">Of the file, where the program keeps it under that name.</param>
internal sealed record FoundModel(string Name, string Path, string Id, ModelFormat Format, long Bytes, string? Sha256)
{
    public string Program => Name[..Name.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>The library's own of the same weights; null if it has none.</summary>
    public LibraryModel? In(LibrarySnapshot library) => library.Models.FirstOrDefault(model => model.Source == Path || (Sha256 is not null && model.Sha256 == Sha256));
}

/// <summary>Something of another program that looks like a model and cannot be taken.</summary>
internal sealed record LeftOut(string Name, string Path, string Reason);

/// <summary>What the programs on this machine have.</summary>
internal sealed record FoundModels(ImmutableArray<FoundModel> Models, ImmutableArray<LeftOut> LeftOut)
{
    /// <summary>By its whole name, or by the part after the program where that is clear.</summary>
    public ImmutableArray<FoundModel> Named(string name)
    {
        if (Models.FirstOrDefault(model => model.Name == name) is { } whole) return [whole];
        return [.. Models.Where(model => model.Name[(model.Program.Length + 1)..] == name)];
    }
}
