namespace Helix.Engine.Scheduling;

/// <summary>The scheduler's thread: takes mail, gives questions to slots, computes steps, until it is told to stop.</summary>
internal sealed unsafe class AnswerLoop : IDisposable
{
    private const int RoomForPrompts = 512;
    private const int RoomBesideWriters = 128;

    /// <summary>Copying a slot's memory takes about as long as computing this many tokens with a small model, fewer with a large one.</summary>
    private const int CopyWorth = 64;

    private readonly LoadedModel _model;
    private readonly SchedulerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly EngineCounters _counters;
    private readonly Action _answered;
    private readonly AbortFlag _abort = new();
    private readonly InferenceContext? _context;
    private readonly Embedder _embedder;
    private readonly Slot[] _slots;
    private readonly int[] _needs;
    private readonly int[] _shares;
    private readonly int[] _outputs;
    private readonly SlotView[] _views;
    private readonly int _room;
    private readonly LinkedList<Work> _waiting = new();
    private readonly Queue<EmbeddingJob> _embeddings = new();
    private Queue<Mail> _mail = new();
    private long _uses;
    private volatile bool _stopping;
    private volatile EmbeddingJob? _embedding;

    /// <param name="answered">Called once for every question, when it leaves for any reason.</param>
    /// <exception cref="InvalidOperationException">There is not enough memory for the context.</exception>
    public AnswerLoop(LoadedModel model, SchedulerSettings settings, TimeProvider time, Random random, EngineCounters counters, Action answered)
    {
        (_model, _settings, _time, _random, _counters, _answered) = (model, settings, time, random, counters, answered);
        _room = Math.Max(RoomForPrompts, settings.Slots);
        _context = model.Facts.Generates ? InferenceContext.ForAnswers(model, settings, _room, _abort) : null;
        _embedder = new Embedder(model, settings.Threads, _abort);
        _slots = [.. Enumerable.Range(0, settings.Slots).Select(sequence => new Slot(sequence, settings.Context))];
        (_needs, _shares, _outputs, _views) = (new int[_slots.Length], new int[_slots.Length], new int[_slots.Length], new SlotView[_slots.Length]);
    }

    private bool IsWriting
    {
        get
        {
            foreach (var slot in _slots)
            {
                if (slot.Work is not null)
                    return true;
            }

            return false;
        }
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
            var idle = !IsWriting && _waiting.Count == 0 && _embeddings.Count == 0;
            if (idle)
                Show();
            Sort(inbox.Take(_mail, wait: idle));

            // whoever raises the flag gives the reason first: cleared before the reasons are looked at, none is missed
            _abort.Clear();
            if (_stopping)
                return;
            DropCancelled();
            Admit();
            Show();
            EmbedNext();
            if (IsWriting)
                Step(_context!);
        }
    }

    /// <summary>Tells everyone who still waits that no answer comes, and frees the model's memory.</summary>
    public void Close(Inbox<Mail> inbox, string reason)
    {
        Sort(inbox.Close());
        foreach (var work in _waiting)
            Leave(work, new AnswerEnd.Failed(reason));
        foreach (var slot in _slots.Where(slot => slot.Work is not null))
            Finish(slot, new AnswerEnd.Failed(reason));
        foreach (var job in _embeddings)
            job.Fail(new InvalidOperationException(reason));
        Dispose();
    }

    public void Dispose()
    {
        _embedder.Dispose();
        _context?.Dispose();
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

    private void DropCancelled()
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

        foreach (var slot in _slots)
        {
            if (slot.Work is { Answer.IsCancelled: true })
                Finish(slot, new AnswerEnd.Failed("cancelled"));
        }
    }

    private void Admit()
    {
        while (_waiting.First?.Value is { } work)
        {
            for (var i = 0; i < _slots.Length; i++)
                _views[i] = _slots[i].View;
            if (SlotChoice.Choose(_views, work.Question.Prompt, CopyWorth) is not { } choice)
                return;
            _waiting.RemoveFirst();
            Start(work, choice, _context!);
        }
    }

    private void Start(Work work, SlotChoice choice, InferenceContext context)
    {
        var slot = _slots[choice.Slot];
        if (choice.Source != choice.Slot)
            context.Copy(_slots[choice.Source].Sequence, slot.Sequence);
        work.Cached = context.Keep(slot.Sequence, choice.Shared);
        work.Sampler = new TokenSampler(_model.Vocabulary, work.Question.Sampling, work.Question.Seed ?? (uint)_random.Next(), work.Question.Prompt);
        slot.Start(work, work.Cached);
        slot.LastUsed = ++_uses;
        _counters.CountPrompt(work.Question.Prompt.Length, work.Cached);
    }

    private void Show()
    {
        var (running, kept) = (0, 0L);
        foreach (var slot in _slots)
        {
            running += slot.Work is null ? 0 : 1;
            kept += slot.Computed;
        }

        _counters.Show(running, _waiting.Count, kept);
    }

    private void EmbedNext()
    {
        if (!_embeddings.TryPeek(out var job))
            return;
        _embedding = job;
        try
        {
            if (!job.IsCancelled && job.Next is { } text && _embedder.Embed(text) is { } vector)
                job.Add(vector);
            else
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

    private void Step(InferenceContext context)
    {
        var started = _time.GetTimestamp();
        FillBatch(context);
        var done = context.Compute() == StepResult.Done;
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = _slots[i];
            if (_shares[i] == 0)
                continue;
            slot.Work!.Answer.IsInPrompt = false;
            if (!done)
                slot.Resync(context.Keep(slot.Sequence, Math.Min(context.Held(slot.Sequence), slot.Count - 1)));
            else
                slot.Advance(_shares[i]);
        }

        if (!done)
            return;
        _counters.Step.Add(_time.GetElapsedTime(started).TotalSeconds);
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_outputs[i] >= 0)
                Accept(_slots[i], _slots[i].Work!.Sampler!.Draw(context.Logits(_outputs[i])));
        }
    }

    private void FillBatch(InferenceContext context)
    {
        for (var i = 0; i < _slots.Length; i++)
            _needs[i] = _slots[i].Need;
        BatchPlan.Plan(_needs, _shares, _room, RoomBesideWriters);
        context.ClearBatch();
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = _slots[i];
            _outputs[i] = -1;
            if (_shares[i] > 1)
                slot.Work!.Answer.IsInPrompt = true;
            if (_shares[i] > 1 && slot.Work!.Answer.IsCancelled)
                _abort.Raise();
            for (var at = slot.Computed; at < slot.Computed + _shares[i]; at++)
            {
                var last = at == slot.Count - 1;
                if (last)
                    _outputs[i] = context.BatchCount;
                context.Add(slot[at], at, slot.Sequence, output: last);
            }
        }
    }

    private void Accept(Slot slot, int token)
    {
        var work = slot.Work!;
        if (work.Written == 0)
            _counters.FirstToken.Add(_time.GetElapsedTime(work.Asked).TotalSeconds);
        if (_model.Vocabulary.IsEnd(token))
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
