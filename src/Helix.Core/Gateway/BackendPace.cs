namespace Helix.Core.Gateway;

/// <summary>A request on its way through a backend.</summary>
/// <param name="began">When it was sent.</param>
/// <param name="promptTokens">That have to be read, without what is likely to be kept from before.</param>
/// <param name="keptTokens">Of its prompt besides, that are likely to be kept.</param>
/// <param name="aheadTokens">That others before it were waiting to have read.</param>
/// <param name="among">Requests under way when it began, itself included.</param>
/// <param name="isTrial">It is to show whether a backend that failed is well again.</param>
internal sealed class Flight(TimeSpan began, int promptTokens, int keptTokens, int aheadTokens, int among, bool isTrial)
{
    public bool IsTrial => isTrial;

    public TimeSpan Began => began;

    public int PromptTokens => promptTokens;

    public int KeptTokens => keptTokens;

    public int AheadTokens => aheadTokens;

    public int Among => among;

    /// <summary>Tokens of all prompts that were sent to the backend until it was, its own included.</summary>
    public long SentBefore { get; init; }

    /// <summary>Tokens of prompts that were sent while it waited for its first token.</summary>
    public long SentMeanwhile { get; set; }

    /// <summary>When the first piece of its answer came.</summary>
    public TimeSpan? First { get; set; }

    /// <summary>Its place among those that wait for their first token; null once it has it.</summary>
    public LinkedListNode<Flight>? Waiting { get; set; }
}

/// <summary>What is under way at one backend, and how fast it was seen to be. Not for several threads at once.</summary>
internal sealed class BackendPace
{
    /// <summary>How much the latest answer counts for.</summary>
    private const double Weight = 0.3;

    /// <summary>How much of <see cref="Recent"/> is forgotten with each further request.</summary>
    private const double Forgotten = 1.0 / 16;

    private readonly LinkedList<Flight> _waiting = [];
    private TimeSpan _busySince;
    private long _sentTokens;
    private SpeedGain _hope = SpeedGain.None;

    public int InFlight { get; private set; }

    /// <summary>As it was seen.</summary>
    public Speed Speed { get; private set; }

    /// <summary>As it is likely to be by now, by what others of its model have shown since it was seen.</summary>
    public Speed Hoped => Speed.With(_hope);

    /// <summary>Requests that it was chosen for of late, each of which counts for less with every further one for the model, wherever that went.</summary>
    public double Recent { get; private set; }

    /// <summary>Seconds from one end of an answer to the next while it is busy; null where none was seen.</summary>
    public double? BetweenEnds { get; private set; }

    /// <summary>Tokens of prompts that were sent and whose answers have not begun.</summary>
    public int WaitingTokens { get; private set; }

    /// <summary>Time since it had to answer again, or an answer ended; null while it answers nobody.</summary>
    public TimeSpan? SinceBusy(TimeSpan now) => InFlight > 0 ? now - _busySince : null;

    /// <summary>For how long the oldest request has waited for its first token.</summary>
    public TimeSpan OldestWait(TimeSpan now) => _waiting.First is { } oldest ? now - oldest.Value.Began : TimeSpan.Zero;

    /// <summary>A request for its model was sent, here or elsewhere.</summary>
    public void NoteSent(bool isHere) => Recent = (1 - Forgotten) * Recent + (isHere ? 1 : 0);

    /// <summary>Another engine of its model has answered: it was hoped to be as fast as <paramref name="before"/>, and is thought to be as <paramref name="after"/> now.</summary>
    public void NoteOther(Speed before, Speed after)
    {
        // what answers somebody will show by itself how fast it is
        if (InFlight == 0 && Speed.Seen > 0) _hope = _hope.After(before, after);
    }

    /// <param name="promptTokens">Without what is likely to be kept from before.</param>
    /// <param name="isStream">Only a stream shows when its prompt has been read.</param>
    /// <param name="keptTokens">Those.</param>
    public Flight Begin(TimeSpan now, int promptTokens, bool isStream, bool isTrial = false, int keptTokens = 0)
    {
        BeginOther(now);
        _sentTokens += promptTokens;
        var flight = new Flight(now, promptTokens, keptTokens, WaitingTokens, InFlight, isTrial) { SentBefore = _sentTokens };
        if (!isStream) return flight;
        flight.Waiting = _waiting.AddLast(flight);
        WaitingTokens += promptTokens;
        return flight;
    }

    /// <summary>It is asked something that is no request to a model.</summary>
    public void BeginOther(TimeSpan now)
    {
        if (InFlight++ == 0) _busySince = now;
    }

    public void EndOther() => InFlight--;

    public void NoteFirst(Flight flight, TimeSpan now)
    {
        if (flight.First is not null) return;
        (flight.First, flight.SentMeanwhile) = (now, _sentTokens - flight.SentBefore);
        Leave(flight);
    }

    /// <param name="answerTokens">Of a whole answer; null where it did not come to its end, which tells nothing of speed.</param>
    /// <param name="isStream">Its first piece was its first token.</param>
    /// <param name="slots">Requests that the backend computes at once; 0 where nobody knows.</param>
    /// <param name="readTokens">Of its prompt, that were read, as the backend told; null where it did not.</param>
    public void End(Flight flight, TimeSpan now, int? answerTokens, bool isStream, int slots, int? readTokens = null)
    {
        var crowd = (flight.Among + InFlight) / 2.0;
        InFlight--;
        Leave(flight);
        if (flight.First is not { } first) return;
        // of two that end at once on two threads the later may be told first
        var took = Math.Max(0, (now - _busySince).TotalSeconds);
        BetweenEnds = BetweenEnds is { } known ? known + Weight * (took - known) : took;
        _busySince = now;
        if (answerTokens is not { } tokens) return;
        var own = readTokens ?? flight.PromptTokens;
        var (prompt, hadPlace) = (own + flight.AheadTokens, slots == 0 || flight.Among <= slots);
        // of one that waited for a place, only the answer itself tells how fast it goes
        if (isStream) Learn(hadPlace || Speed.Seen == 0 ? (first - flight.Began).TotalSeconds : Speed.Guess(prompt, tokens, crowd).FirstToken, (now - first).TotalSeconds);
        else if (hadPlace) Learn(null, (now - flight.Began).TotalSeconds);

        void Learn(double? firstToken, double total)
        {
            var answer = new AnswerSeen(prompt, crowd, firstToken, tokens, total) { LeastTokens = own, MostTokens = prompt + flight.SentMeanwhile };
            Speed = Speed.Nearer(Hoped, answer).After(answer);
            _hope = SpeedGain.None;
        }
    }

    private void Leave(Flight flight)
    {
        if (flight.Waiting is not { } place) return;
        _waiting.Remove(place);
        flight.Waiting = null;
        WaitingTokens -= flight.PromptTokens;
    }
}
