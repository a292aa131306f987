namespace Helix.Engine.Scheduling;

/// <summary>Texts whose vectors somebody waits for; computed one at a time, between the steps of answers.</summary>
internal sealed class EmbeddingJob(IReadOnlyList<int[]> texts, CancellationToken cancellationToken)
{
    private readonly List<float[]> _vectors = new(texts.Count);

    public TaskCompletionSource<float[][]> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>The text whose turn it is; null when all are done.</summary>
    public int[]? Next => _vectors.Count < texts.Count ? texts[_vectors.Count] : null;

    public void Add(float[] vector)
    {
        _vectors.Add(vector);
        if (Next is null)
            Result.TrySetResult([.. _vectors]);
    }

    public void Fail(Exception error) => Result.TrySetException(error);

    public void Cancel() => Result.TrySetCanceled(cancellationToken);
}
