using Helix.Engine.Text;

namespace Helix.Engine.Scheduling;

/// <summary>One sequence in the model's memory, and the answer it works at, if any. Owned by the scheduler's thread.</summary>
internal sealed class Slot(int sequence, int context)
{
    private readonly int[] _tokens = new int[context];
    private int _count;
    private int _asked;

    public int Sequence => sequence;

    /// <summary>Null while the slot is free; it keeps its tokens then, for a prompt that goes on from them.</summary>
    public Work? Work { get; set; }

    /// <summary>How many of its tokens the model has computed.</summary>
    public int Computed { get; private set; }

    public long LastUsed { get; set; }

    /// <summary>Tokens of others' prompts that were computed since it got its own.</summary>
    public long Passed { get; set; }

    /// <summary>Tokens that have yet to be computed; 0 while free.</summary>
    public int Need => Work is null ? 0 : _count - Computed;

    public int Count => _count;

    public bool IsFull => _count >= context;

    public SlotView View => new(Work is not null, _tokens.AsMemory(0, Computed), LastUsed, Math.Min(_asked, Computed));

    public int this[int index] => _tokens[index];

    public void Start(Work work, int computed)
    {
        (Work, Computed, Passed) = (work, computed, 0);
        work.Question.Prompt.CopyTo(_tokens, 0);
        _count = _asked = work.Question.Prompt.Length;
    }

    public void Append(int token) => _tokens[_count++] = token;

    public void Advance(int tokens) => Computed += tokens;

    /// <summary>After a step that was cut short: this much the model really holds.</summary>
    public void Resync(int computed) => Computed = computed;

    public void Free() => Work = null;
}

/// <summary>An answer in the making.</summary>
/// <param name="Asked">When the question was taken, as a timestamp of the clock.</param>
internal sealed record Work(Question Question, AnswerStream Answer, long Asked) : IDisposable
{
    public Utf8Cutter Cutter { get; } = new();

    public StopMatcher Stops { get; } = new(Question.Stops);

    public TokenSampler? Sampler { get; set; }

    /// <summary>Tokens of the prompt that were there already.</summary>
    public int Cached { get; set; }

    /// <summary>Tokens of the answer so far.</summary>
    public int Written { get; set; }

    public Usage Usage => new(Question.Prompt.Length, Cached, Written);

    public void Dispose() => Sampler?.Dispose();
}
