namespace Helix.Engine.Scheduling;

/// <summary>The scheduler's thread: takes mail, gives questions to slots, computes steps, until it is told to stop.</summary>
internal sealed unsafe class AnswerLoop : IDisposable
{
    private readonly LoadedModel _model;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly EngineCounters _counters;
    private readonly Action _answered;
    private readonly AbortFlag _abort = new();
    private readonly SlotTable? _table;
    private readonly Embedder _embedder;
    private readonly LinkedList<Work> _waiting = new();
    private readonly Queue<EmbeddingJob> _embeddings = new();
    private Queue<Mail> _mail = new();
    private volatile bool _stopping;
    private volatile EmbeddingJob? _embedding;

    /// <param name="answered">Called once for every question, when it leaves for any reason.</param>
    /// <exception cref="InvalidOperationException">There is not enough memory for the context.</exception>
    public AnswerLoop(LoadedModel model, SchedulerSettings settings, TimeProvider time, Random random, EngineCounters counters, Action answered)
    {
        (_model, _time, _random, _counters, _answered) = (model, time, random, counters, answered);
        _table = model.Facts.Generates ? new SlotTable(model, settings, _abort) : null;
        _embedder = new Embedder(model, settings.Threads, _abort);
    }

    /// <summary>Ends the computation that runs now, from any thread.</summary>
    public void Abort() => _abort.Raise();

    public void AbortEmbedding(EmbeddingJob job)
    {
        if (_embedding == job)
            _abort.Raise();
    }

    public void Stop()
    {
        _stopping = true;
        _abort.Raise();
    }

    public void Run(Inbox<Mail> inbox)
    {
        while (true)
        {
            var idle = _table is not { Running: > 0 } && _waiting.Count == 0 && _embeddings.Count == 0;
            if (idle)
                Show();
            Sort(inbox.Take(_mail, wait: idle));

            // whoever raises the flag gives the reason first: cleared before the reasons are looked at, none is missed
            _abort.Clear();
            if (_stopping)
                return;
            EmbedNext();
            if (_table is null)
                continue;
            DropCancelled(_table);
            Admit(_table);
            Show();
            if (_table.Running > 0)
                Step(_table);
        }
    }

    /// <summary>Tells everyone who still waits that no answer comes, and frees the model's memory.</summary>
    public void Close(Inbox<Mail> inbox, string reason)
    {
        Sort(inbox.Close());
        foreach (var work in _waiting)
            Leave(work, new AnswerEnd.Failed(reason));
        foreach (var slot in _table is null ? [] : _table.Slots)
        {
            if (slot.Work is not null)
                Finish(slot, new AnswerEnd.Failed(reason));
        }

        foreach (var job in _embeddings)
            job.Fail(new InvalidOperationException(reason));
        Dispose();
    }

    public void Dispose()
    {
        _embedder.Dispose();
        _table?.Dispose();
    }

    private void Sort(Queue<Mail> mail)
    {
        _mail = mail;
        while (mail.TryDequeue(out var message))
        {
            switch (message)
            {
                case Mail.Asked(var work): _waiting.AddLast(work); break;
                case Mail.Embed(var job): _embeddings.Enqueue(job); break;
                case Mail.Stop: _stopping = true; break;
            }
        }
    }

    private void DropCancelled(SlotTable table)
    {
        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Answer.IsCancelled)
            {
                _waiting.Remove(node);
                Leave(node.Value, new AnswerEnd.Failed("cancelled"));
            }

            node = next;
        }

        foreach (var slot in table.Slots)
        {
            if (slot.Work is { Answer.IsCancelled: true })
                Finish(slot, new AnswerEnd.Failed("cancelled"));
        }
    }

    private void Admit(SlotTable table)
    {
        while (_waiting.First?.Value is { } work && table.TryStart(work))
        {
            _waiting.RemoveFirst();
            var question = work.Question;
            work.Sampler = new TokenSampler(_model.Vocabulary, question.Sampling, question.Seed ?? (uint)_random.Next(), question.Prompt);
            _counters.CountPrompt(question.Prompt.Length, work.Cached);
        }
    }

    private void Show() => _counters.Show(_table?.Running ?? 0, _waiting.Count, _table?.Kept ?? 0);

    private void EmbedNext()
    {
        if (!_embeddings.TryPeek(out var job))
            return;
        _embedding = job;
        try
        {
            // without a vector it was aborted: for its own sake, for another's, or because all stops
            if (!job.IsCancelled && _embedder.Embed(job.Next!) is { } vector)
                job.Add(vector);
            if (job.IsCancelled)
                job.Cancel();
        }
        catch (InvalidOperationException error)
        {
            job.Fail(error);
        }

        _embedding = null;
        if (job.Result.Task.IsCompleted)
            _embeddings.Dequeue();
    }

    private void Step(SlotTable table)
    {
        var started = _time.GetTimestamp();
        if (!table.Step())
            return;
        _counters.Step.Add(_time.GetElapsedTime(started).TotalSeconds);
        for (var i = 0; i < table.Slots.Length; i++)
        {
            var logits = table.Logits(i);
            if (logits != null)
                Accept(table.Slots[i], table.Slots[i].Work!.Sampler!.Draw(logits));
        }
    }

    private void Accept(Slot slot, int? drawn)
    {
        var work = slot.Work!;
        if (work.Written == 0)
            _counters.FirstToken.Add(_time.GetElapsedTime(work.Asked).TotalSeconds);
        if (drawn is not { } token || _model.Vocabulary.IsEnd(token))
        {
            Finish(slot, FinishReason.Stop);
            return;
        }

        slot.Append(token);
        work.Written++;
        _counters.CountCompletion();
        work.Answer.Write(work.Stops.Push(work.Cutter.Push(_model.Vocabulary.Piece(token))));
        if (work.Stops.Stopped)
            Finish(slot, FinishReason.Stop);
        else if (work.Written >= work.Question.MaxTokens || slot.IsFull)
            Finish(slot, FinishReason.Length);
    }

    private void Finish(Slot slot, FinishReason reason)
    {
        var work = slot.Work!;
        work.Answer.Write(work.Stops.Push(work.Cutter.Finish()));
        work.Answer.Write(work.Stops.Finish());
        _counters.Answer.Add(_time.GetElapsedTime(work.Asked).TotalSeconds);
        Finish(slot, new AnswerEnd.Finished(work.Stops.Stopped ? FinishReason.Stop : reason, work.Usage));
    }

    private void Finish(Slot slot, AnswerEnd end)
    {
        var work = slot.Work!;
        slot.Free();
        Leave(work, end);
    }

    private void Leave(Work work, AnswerEnd end)
    {
        work.Dispose();
        _answered();
        work.Answer.Finish(end);
    }
}
