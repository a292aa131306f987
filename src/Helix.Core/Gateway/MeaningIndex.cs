namespace Helix.Core.Gateway;

/// <summary>A question that was answered, as far as others are compared with it.</summary>
/// <param name="group">Only within one are questions compared: same key, same model, all else the same.</param>
/// <param name="unit">Its vector, of length one.</param>
/// <param name="answer">Under which key its answer is kept.</param>
internal sealed class Meaning(string group, float[] unit, SaidMarks marks, string answer, DateTimeOffset answered)
{
    /// <summary>That keeping it takes beside what is counted, in bytes.</summary>
    private const int Overhead = 512;

    public string Group => group;

    public ReadOnlySpan<float> Unit => unit;

    public SaidMarks Marks => marks;

    public string Answer => answer;

    public DateTimeOffset Answered => answered;

    /// <summary>Bytes that it takes in memory, about.</summary>
    public long Size => Overhead + ((long)sizeof(float) * unit.Length) + (sizeof(char) * (long)(group.Length + answer.Length)) + marks.Size;
}

/// <summary>Questions that were answered, in groups. The nearest is found by looking at each of its group, so none nearer is missed. For one thread at a time.</summary>
/// <param name="mostOfGroup">What is looked at for one question.</param>
/// <param name="most">All groups together.</param>
internal sealed class MeaningIndex(int mostOfGroup, int most)
{
    private readonly Dictionary<string, List<Meaning>> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<Meaning, LinkedListNode<Meaning>> _places = [];

    /// <summary>The one that was added first is the first.</summary>
    private readonly LinkedList<Meaning> _all = new();

    public int Count => _places.Count;

    /// <returns>What had to make room for it: what has the same answer, or was there for longest.</returns>
    public List<Meaning> Add(Meaning one)
    {
        List<Meaning> gone = [];
        if (_groups.TryGetValue(one.Group, out var group))
        {
            if (group.Find(known => known.Answer == one.Answer) is { } same) Drop(same);
            else if (group.Count >= mostOfGroup) Drop(group[0]);
        }

        if (Count >= most) Drop(_all.First!.Value);
        if (!_groups.TryGetValue(one.Group, out group)) _groups[one.Group] = group = [];
        group.Add(one);
        _places[one] = _all.AddLast(one);
        return gone;

        void Drop(Meaning old)
        {
            Remove(old);
            gone.Add(old);
        }
    }

    /// <returns>False if it was not there any more.</returns>
    public bool Remove(Meaning one)
    {
        if (!_places.Remove(one, out var place)) return false;
        _all.Remove(place);
        var group = _groups[one.Group];
        group.Remove(one);
        if (group.Count == 0) _groups.Remove(one.Group);
        return true;
    }

    /// <param name="unit">Of length one.</param>
    /// <param name="least">How near it must be.</param>
    /// <param name="oldest">When it must have been answered.</param>
    /// <returns>Null where there is none of this group that is so near, young enough, and has the same marks.</returns>
    public (Meaning Found, float Similarity)? Nearest(string group, ReadOnlySpan<float> unit, SaidMarks marks, float least, DateTimeOffset oldest)
    {
        if (!_groups.TryGetValue(group, out var known)) return null;
        var (found, best) = (default(Meaning), least);
        foreach (var one in known)
        {
            if (one.Unit.Length != unit.Length || one.Answered < oldest) continue;
            var similarity = UnitVector.Dot(one.Unit, unit);
            if ((found is null ? similarity >= best : similarity > best) && one.Marks.Agree(marks)) (found, best) = (one, similarity);
        }

        return found is null ? null : (found, best);
    }
}
