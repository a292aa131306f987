namespace Helix.Engine.Scheduling;

/// <summary>All slots and the model's memory of them: who gets which, and what is computed next. Owned by the scheduler's thread.</summary>
internal sealed unsafe class SlotTable : IDisposable
{
    private const int RoomForPrompts = 512;
    private const int RoomBesideWriters = 128;

    private readonly AbortFlag _abort;
    private readonly InferenceContext _context;
    private readonly SlotStates _states;
    private readonly Slot[] _slots;
    private readonly bool _forgetsPart;
    private readonly int[] _needs;
    private readonly long[] _passed;
    private readonly int[] _shares;
    private readonly int[] _outputs;
    private readonly SlotView[] _views;
    private readonly int _room;
    private long _uses;
    private bool _afterPrompt;

    /// <exception cref="InvalidOperationException">There is not enough memory for the context.</exception>
    public SlotTable(LoadedModel model, SchedulerSettings settings, AbortFlag abort)
    {
        _abort = abort;
        _room = Math.Max(RoomForPrompts, settings.Slots);
        _context = InferenceContext.ForAnswers(model, settings, _room, abort);
        _states = new SlotStates(_context, settings.Slots, settings.Context);
        _slots = [.. Enumerable.Range(0, settings.Slots).Select(sequence => new Slot(sequence, settings.Context))];
        _forgetsPart = model.Facts.ForgetsPart;
        (_needs, _passed, _shares, _outputs, _views) = (new int[_slots.Length], new long[_slots.Length], new int[_slots.Length], new int[_slots.Length], new SlotView[_slots.Length]);
    }

    public ReadOnlySpan<Slot> Slots => _slots;

    public int Running
    {
        get
        {
            var running = 0;
            foreach (var slot in _slots)
                running += slot.Work is null ? 0 : 1;
            return running;
        }
    }

    /// <summary>Tokens whose state is in memory, in slots and out of them.</summary>
    public long Kept
    {
        get
        {
            var kept = _states.Tokens;
            foreach (var slot in _slots)
                kept += slot.Computed;
            return kept;
        }
    }

    /// <summary>Gives a question to the slot where least is to be computed; false while all are busy.</summary>
    public bool TryStart(Work work)
    {
        for (var i = 0; i < _slots.Length; i++)
            _views[i] = _slots[i].View;
        var prompt = work.Question.Prompt;
        var found = _states.Find(prompt);
        if (SlotChoice.Choose(_views, prompt, SlotStates.CopyWorth, found is null ? 0 : SlotChoice.Reusable(found.Tokens, prompt)) is not { } choice)
            return false;
        var slot = _slots[choice.Slot];
        var shared = _states.Fill(_slots, choice, found, prompt);
        work.Cached = _context.Keep(slot.Sequence, _forgetsPart ? BatchPlan.Kept(shared, prompt.Length) : shared);
        slot.Start(work, work.Cached);
        slot.LastUsed = ++_uses;
        return true;
    }

    /// <summary>Computes one step; false if it was aborted, with nothing to draw.</summary>
    public bool Step()
    {
        FillBatch();
        _states.Touch(_slots, _shares);
        var done = _context.Compute() == StepResult.Done;
        _states.Settle();
        var read = _shares.Max();
        _afterPrompt = read > 1;
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = _slots[i];
            if (_shares[i] == 0)
            {
                if (done && _afterPrompt)
                    slot.Passed += read;
                continue;
            }

            slot.Work!.Answer.IsInPrompt = false;
            if (done)
                slot.Advance(_shares[i]);
            else
                slot.Resync(_context.Keep(slot.Sequence, Math.Min(_context.Held(slot.Sequence), slot.Count - 1)));
        }

        return done;
    }

    /// <summary>What the last step says comes next in a slot; null if it is still in its prompt.</summary>
    public float* Logits(int index) => _outputs[index] < 0 ? null : _context.Logits(_outputs[index]);

    public void Dispose()
    {
        _states.Dispose();
        _context.Dispose();
    }

    private void FillBatch()
    {
        for (var i = 0; i < _slots.Length; i++)
            (_needs[i], _passed[i]) = (_slots[i].Need, _slots[i].Passed);
        BatchPlan.Plan(_needs, _passed, _shares, _room, RoomBesideWriters, _afterPrompt);
        _context.ClearBatch();
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = _slots[i];
            _outputs[i] = -1;
            if (_shares[i] > 1)
                MarkLong(slot.Work!.Answer);
            for (var at = slot.Computed; at < slot.Computed + _shares[i]; at++)
            {
                var last = at == slot.Count - 1;
                if (last)
                    _outputs[i] = _context.BatchCount;
                _context.Add(slot[at], at, slot.Sequence, output: last);
            }
        }
    }

    /// <summary>From here on a cancellation raises the flag by itself; one that came just before is seen here.</summary>
    private void MarkLong(AnswerStream answer)
    {
        answer.IsInPrompt = true;
        if (answer.IsCancelled)
            _abort.Raise();
    }
}
