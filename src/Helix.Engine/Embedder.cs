using System.Numerics;

namespace Helix.Engine;

/// <summary>Turns texts into vectors, with a context of its own that is made when the first text comes and grows with the longest. Used by the scheduler's thread only.</summary>
internal sealed class Embedder(LoadedModel model, int threads, AbortFlag abort) : IDisposable
{
    private const int SmallestRoom = 256;

    private InferenceContext? _context;
    private int _room;

    /// <summary>The vector of one text, of length 1; null if it was aborted.</summary>
    public float[]? Embed(ReadOnlySpan<int> tokens)
    {
        var context = ContextFor(tokens.Length);
        context.Keep(0, 0);
        context.ClearBatch();
        for (var i = 0; i < tokens.Length; i++)
            context.Add(tokens[i], i, 0, output: true);
        return context.Compute() == StepResult.Done ? Normalised(context.Embedding(model.Facts.EmbeddingLength)) : null;
    }

    public void Dispose() => _context?.Dispose();

    private InferenceContext ContextFor(int tokens)
    {
        if (_context is not null && tokens <= _room)
            return _context;
        _context?.Dispose();
        _context = null;
        _room = Math.Max(SmallestRoom, (int)BitOperations.RoundUpToPowerOf2((uint)tokens));
        return _context = InferenceContext.ForEmbeddings(model, _room, threads, abort);
    }

    private static float[] Normalised(ReadOnlySpan<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector)
            squares += (double)value * value;
        var length = Math.Sqrt(squares);
        var normalised = new float[vector.Length];
        for (var i = 0; i < normalised.Length; i++)
            normalised[i] = length > 0 ? (float)(vector[i] / length) : 0;
        return normalised;
    }
}
