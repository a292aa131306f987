namespace Helix.Core.Screen;

/// <summary>What a piece of a line is, which decides its colour where there are colours.</summary>
internal enum Ink
{
    Plain,
    Good,
    OnItsWay,
    Bad,
    Quiet,
    Heading,
}

/// <param name="Text">Clean: nothing in it moves the cursor.</param>
internal readonly record struct Inked(string Text, Ink Ink)
{
    /// <summary>The ink of a state, of a severity, or of another word that says how something is.</summary>
    public static Ink Of(string word) => word switch
    {
        "ready" or "ok" or "attached" or "on" => Ink.Good,
        "starting" or "installing" or "coming" or "degraded" or "recovering" or "warning" => Ink.OnItsWay,
        "critical" or "failed" or "error" or "bad" => Ink.Bad,
        "unsupported" or "asleep" or "available" or "standby" or "off" or "acknowledged" or "silenced" => Ink.Quiet,
        _ => Ink.Plain,
    };
}
