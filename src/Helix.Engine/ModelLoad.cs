namespace Helix.Engine;

/// <param name="Repack">Keep a second copy of the weights in the processor's favourite order: faster, twice the memory.</param>
/// <param name="GpuLayers">Layers to be put on a device, if there is one; null means all.</param>
/// <param name="Progress">Told the share that is loaded, 0 to 1, from the loading thread.</param>
internal sealed record ModelLoad(string Path, bool Repack = true, Action<float>? Progress = null, int? GpuLayers = null);

/// <summary>What came of loading a model.</summary>
internal abstract record LoadOutcome
{
    private LoadOutcome() { }

    internal sealed record Loaded(LoadedModel Model) : LoadOutcome;

    /// <param name="Reason">Why not, in llama.cpp's words where it has any.</param>
    internal sealed record Failed(string Reason) : LoadOutcome;
}
