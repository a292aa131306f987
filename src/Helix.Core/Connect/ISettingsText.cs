namespace Helix.Core.Connect;

/// <summary>A format in which tools keep their settings, edited in its text: what is not meant stays byte for byte.</summary>
internal interface ISettingsText
{
    /// <summary>What is inserted later stands before what was inserted earlier.</summary>
    bool InsertsFirst { get; }

    /// <summary>Where the value of a setting stands; null where the text does not have it.</summary>
    /// <exception cref="SettingsRefusedException">The text cannot be read, or says it in a way that helix does not edit.</exception>
    SettingPlace? Find(string text, ToolSetting setting);

    /// <summary>Adds a setting that the text does not have.</summary>
    string Insert(string text, ToolSetting setting);

    /// <summary>Gives a setting that the text has its value.</summary>
    string Replace(string text, ToolSetting setting);

    /// <summary>Takes out a setting that the text has.</summary>
    string Remove(string text, ToolSetting setting);
}

/// <param name="Start">Index of the value's first character.</param>
/// <param name="End">Index behind its last character.</param>
/// <param name="Same">It is the value that is wanted.</param>
/// <param name="SameButKey">It is, whatever the key in it is: the tool may have put that elsewhere, and a word for it here.</param>
internal readonly record struct SettingPlace(int Start, int End, bool Same, bool SameButKey = false);

/// <summary>A text is left as it is, and why.</summary>
internal sealed class SettingsRefusedException(string why) : Exception(why);
