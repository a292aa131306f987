namespace Helix.Engine.Scheduling;

/// <param name="Slots">Answers that are written at the same time.</param>
/// <param name="Context">Tokens of prompt and answer together, per slot.</param>
/// <param name="Queue">Questions that may wait for a slot.</param>
internal sealed record SchedulerSettings(int Slots, int Context, int Threads, int Queue);

/// <summary>
/// Answers questions with one model. One thread owns llama.cpp's context and does everything; callers only post to its inbox.
/// Should that thread fail, <see cref="Completion"/> fails and every open answer is told.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    private const string Stopped = "the engine is stopping";

    private readonly Inbox<Mail> _inbox = new();
    private readonly SchedulerSettings _settings;
    private readonly AnswerLoop _loop;
    private readonly bool _generates;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private int _open;
    private volatile string? _closed;

    /// <exception cref="InvalidOperationException">There is not enough memory for the context.</exception>
    public Scheduler(LoadedModel model, SchedulerSettings settings, TimeProvider time, Random random)
    {
        _settings = settings;
        _time = time;
        _generates = model.Facts.Generates;
        _loop = new AnswerLoop(model, settings, time, random, Counters, () => Interlocked.Decrement(ref _open));
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
        _thread.Start();
    }

    public EngineCounters Counters { get; } = new();

    public SchedulerSettings Settings => _settings;

    /// <summary>Ends when the scheduler is stopped; fails when its thread does.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Takes a question, or says why not. Returns at once.</summary>
    public Admission Ask(Question question)
    {
        if (!_generates)
            return new Admission.Closed("the model only makes embeddings");
        if (question.Prompt.Length >= _settings.Context)
            return new Admission.TooLong(question.Prompt.Length, _settings.Context);
        if (!TryEnter())
            return new Admission.Busy(_settings.Queue);
        var answer = new AnswerStream(Cancelled);
        return _inbox.Post(new Mail.Asked(new Work(question, answer, _time.GetTimestamp())))
            ? new Admission.Accepted(answer)
            : new Admission.Closed(_closed ?? Stopped);
    }

    /// <summary>Takes texts to make vectors of, or says why not. Returns at once. However many they are, they take one place in the queue; equal texts have equal vectors.</summary>
    /// <param name="texts">Tokens; each at least one and at most <see cref="SchedulerSettings.Context"/>.</param>
    public Admission Embed(IReadOnlyList<int[]> texts, CancellationToken cancellationToken)
    {
        if (!TryEnter())
            return new Admission.Busy(_settings.Queue);
        var job = new EmbeddingJob(texts, cancellationToken);
        if (_inbox.Post(new Mail.Embed(job)))
            return new Admission.Embedding(VectorsAsync(job, cancellationToken));
        Interlocked.Decrement(ref _open);
        return new Admission.Closed(_closed ?? Stopped);
    }

    /// <summary>Ends every answer and the thread.</summary>
    public void Stop(string reason)
    {
        _closed ??= reason;
        _inbox.Post(new Mail.Stop());
        _loop.Stop();
    }

    public void Dispose()
    {
        Stop(Stopped);
        _thread.Join();
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= _settings.Slots + _settings.Queue)
            return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    private async Task<float[][]> VectorsAsync(EmbeddingJob job, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() => _loop.AbortEmbedding(job));
        try
        {
            return await job.Result.Task;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private void Cancelled(AnswerStream answer)
    {
        _inbox.Nudge();
        if (answer.IsInPrompt)
            _loop.Abort();
    }

    private void Run()
    {
        try
        {
            _loop.Run(_inbox);
            _loop.Close(_inbox, _closed ?? Stopped);
            _completion.SetResult();
        }
        catch (Exception error)
        {
            // the edge of the thread: whoever watches Completion ends the process
            _closed = $"the engine failed: {error.Message}";
            _loop.Close(_inbox, _closed);
            _completion.SetException(error);
        }
    }
}

internal abstract record Mail
{
    private Mail() { }

    internal sealed record Asked(Work Work) : Mail;

    internal sealed record Embed(EmbeddingJob Job) : Mail;

    internal sealed record Stop : Mail;
}
