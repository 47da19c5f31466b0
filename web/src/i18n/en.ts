/** Every word the pages say, in English. `Texts` is this object's shape: a language that forgets a key does not compile.
 * One file for a language, however long: a translator goes through it from top to bottom. */
import type { ProblemCode } from "../api/problem";

export interface Explanation {
  title: string;
  next: string;
}

export const en = {
  language: "Language",
  skip: "Skip to the content",
  tagline: "The door opens once you have shown that it is you.",
  pageTitle: (page: string) => `${page} · Sésame`,
  noSuchPage: { title: "This page does not exist", text: "The address may be mistyped.", home: "Go to the start page" },
  back: "Back",
  cancel: "Cancel",
  startAgain: "Start again",
  home: "Start page",
  working: "One moment…",
  tryAgain: "Try again",
  errorSummary: "Something needs your attention",

  welcome: {
    title: "What do you need?",
    reset: "I forgot my password",
    resetText: "Prove that it is you with a code or two, then choose a new one. About two minutes.",
    register: "Manage my sign-in methods",
    registerText: "Keep the phone and email that prove it is you up to date, before you need them.",
    password: "I know my password and want to change it",
  },

  field: {
    identifier: "User name or work email",
    identifierHint: "The one you type when you sign in.",
    password: "Password",
    currentPassword: "Current password",
    newPassword: "New password",
    code: "Code",
    codeHint: "8 digits. Spaces do not matter.",
    show: "Show",
    hide: "Hide",
    showPassword: "Show the password",
    hidePassword: "Hide the password",
    required: {
      identifier: "Type your user name.",
      password: "Type your password.",
      code: "Type the code you received.",
      contact: "Fill in this field.",
    },
  },

  method: {
    email: {
      name: "Email",
      add: "Add an email address",
      label: "Email address",
      hint: "One that you can open without your work password: a personal address, for example.",
      sendTo: "Email me a code",
      malformed: "This does not look like an email address. It should read like name@example.com.",
      notAllowed: "This address cannot be used, because you could not open it without your password. Use a different one.",
      noCode: "Look in the junk or spam folder too. Emails can take a minute or two.",
    },
    mobile_phone: {
      name: "Mobile phone",
      add: "Add a mobile phone",
      label: "Mobile number",
      hint: "With the country code, such as +44 7700 900123.",
      sendTo: "Text me a code",
      malformed: "This does not look like a mobile number. Start with the country code, such as +44 7700 900123.",
      notAllowed: "Numbers of this country or kind cannot be used here. Use an ordinary mobile number.",
      noCode: "Check that the phone has signal. Abroad, a text can take longer.",
    },
    office_phone: {
      name: "Office phone",
      add: "Add an office phone",
      label: "Office number",
      hint: "Only your administrator can change it.",
      sendTo: "Call my office phone",
      malformed: "This does not look like a phone number. Start with the country code.",
      notAllowed: "Only your administrator can set the office phone.",
      noCode: "Check that the line is free and not forwarded.",
    },
  },

  code: {
    title: "Enter the code",
    sent: {
      email: "The code comes by email.",
      mobile_phone: "The code comes by text message.",
      office_phone: "The code comes by phone call.",
    },
    submit: "Continue",
    again: "Send a new code",
    againIn: (wait: string) => `You can ask for a new code in ${wait}.`,
    againNow: "You can ask for a new code now.",
    renewed: "A new code has been asked for. Use only the newest one.",
    none: "No code?",
    newest: "If several codes arrived, only the newest one works.",
    never: "Never give a code to anybody. Nobody from your organisation will ask for it.",
  },

  reset: {
    identify: { title: "First, who are you?", submit: "Continue" },
    choose: {
      first: "How should we check that it is you?",
      second: "One more proof",
      firstText: "Choose a method you registered before. Everybody sees the same list.",
      secondText: "The first proof is done. Your organisation asks for a second, different one.",
      hint: (masked: string) => `to ${masked}`,
      none: "There is no method left that works on this page. Contact your helpdesk.",
      lost: "None of these works for me",
      lostText:
        "If you never registered, changed your phone or lost access, nobody can prove it is you from this page. Your helpdesk can help you in person or by another way that it trusts.",
    },
    code: {
      maybe: "If this account exists and has this method, a code is on its way.",
      another: "Use another method",
      notRegistered: "We cannot tell you whether the name is right or the method is registered: a stranger could be asking. Check how you typed the name.",
      helpdesk: "Still nothing after five minutes? Try another method, or contact your helpdesk.",
    },
    password: {
      title: "Choose a new password",
      text: "A few unrelated words are easy to remember and hard to guess. Spaces and accents are welcome.",
      submit: "Set the new password",
      unknownTitle: "We do not know whether your password changed",
      unknown: "The connection broke before the answer came. Try to sign in with the new password first. If that fails, try the old one, or start again here.",
    },
    done: {
      title: "Your password is changed",
      text: "Sign in with the new password everywhere. Phones and computers that remember the old one will ask for it.",
      notice: "A notice went to every method you had confirmed. If one arrives that you did not expect, contact your helpdesk at once.",
      next: "Check my sign-in methods",
    },
  },

  signIn: {
    title: "Sign in to see your methods",
    text: "With your work password, or the first password you were given.",
    submit: "Sign in",
    againTitle: "Please sign in again",
    againText: "A change to your methods needs a recent sign-in. You will continue where you were.",
    forgot: "I forgot my password",
  },

  methods: {
    title: "Your sign-in methods",
    text: "They prove that it is you when you forget your password. Only you and your administrators can see them.",
    missingTitle: "Not enough to reset your password yet",
    missing: (names: string) => `Your organisation needs more proof than you have confirmed. Still possible: ${names}.`,
    enough: "You are ready: you can reset your password by yourself.",
    spareTitle: "A spare is worth a minute",
    spare: "With one more method, a lost phone or a closed mailbox does not lock you out.",
    none: "Nothing to manage here yet. Your administrator has not opened any method.",
    state: { prefilled: "To be confirmed", pending: "Waiting for its code", confirmed: "Confirmed", stale: "Due for a check", suspect: "Not reachable lately", absent: "Not set up" },
    prefilled: "Your organisation filled this in. It proves nothing until you confirm it.",
    pending: "It counts once you have entered the code that was sent.",
    confirmed: (date: string) => `Confirmed on ${date}.`,
    stale: "It was confirmed long ago. Confirm it again to keep using it.",
    suspect: "Our last message could not be delivered there. Confirm it again with a new code, or replace it.",
    resting: (date: string) => `For your safety it can be used for a reset from ${date}.`,
    confirm: "Confirm or correct",
    enterCode: "Enter the code",
    check: "Confirm again",
    change: "Change",
    remove: "Remove",
    finish: "I am done",
    action: (verb: string, method: string) => `${verb}: ${method}`,
  },

  due: {
    title: "Is everything still right?",
    text: "It has been a while. Look at what is below: change what is wrong, or confirm that all of it is still yours.",
    submit: "Everything is still right",
    thanks: "Thank you. Everything is confirmed.",
  },

  bind: {
    prefilledTitle: { email: "Is this your email address?", mobile_phone: "Is this your mobile number?", office_phone: "Is this your office number?" },
    right: "Yes, send me a code",
    wrong: "No, correct it",
    submit: "Send me a code",
    smsTitle: "Good to know about text messages",
    sms: "A code by text can be read by whoever holds your number: a thief with your phone, or a fraudster who talks your operator into moving it. Keep a PIN on your SIM, and have an email as well.",
    replaces: "The one confirmed today stays in use until the new one is confirmed.",
    codeSent: (contact: string) => `A code is on its way to ${contact}.`,
    codePending: (contact: string) => `Enter the code sent to ${contact}.`,
    submitCode: "Confirm",
    check: "Is this exactly right? Go back to correct it.",
    correct: "Correct it",
    added: (method: string) => `${method}: confirmed.`,
  },

  remove: {
    title: (method: string) => `Remove this method: ${method}?`,
    text: (contact: string) => `${contact} will no longer prove that it is you. A notice goes to your confirmed methods.`,
    submit: "Yes, remove it",
    keep: "No, keep it",
    done: (method: string) => `${method}: removed.`,
  },

  finish: {
    ready: "All set",
    readyText: "When you forget your password, these prove that it is you:",
    notReady: "Saved, but not enough yet",
    notReadyText: "You cannot reset your password by yourself until you add what is missing. You can come back at any time.",
    notice: "Every change was also reported to the methods you had confirmed.",
    close: "You are signed out. You can close this page.",
    more: "Back to my methods",
    signOut: "Sign out",
  },

  change: {
    title: "Change your password",
    text: "You need your current one. If you do not know it, reset it instead.",
    submit: "Change the password",
    unknown: "The connection broke before the answer came. Try to sign in with the new password first, then with the old one.",
    doneTitle: "Your password is changed",
    doneText: "Other sessions were ended. Use the new password from now on.",
  },

  rules: {
    title: "What makes it good",
    passed: "Met:",
    failed: "Not yet:",
    waiting: "Checked as you type.",
    unchecked: "The rules cannot be checked right now. You can go on; they are checked when you send.",
    good: "This password meets every rule.",
    length: "Long enough (four or five words usually are)",
    atLeast: (count: number) => `At least ${count} characters (four or five words usually are)`,
    atMost: (count: number) => `At most ${count} characters`,
    too_long: "Not too long to be handled",
    blocklisted: "Not a password that many people use",
    repeated_or_joined: "Not common words repeated or stuck together",
    sequence: "Not a sequence or a row of keys, such as abcdef or qwerty",
    context: "Not built from your name or your organisation’s",
    other: "One more rule of your organisation",
    refused: "It does not meet these rules yet:",
  },

  refused: {
    signIn: { title: "That did not work", next: "The user name or the password is wrong. Check both, or reset your password if you forgot it." },
    current: { title: "That did not work", next: "The user name or the current password is wrong. Check both, or reset your password if you forgot it." },
    code: { title: "This code was refused", next: "It is wrong or no longer accepted. Check the newest message, or ask for a new code." },
    proof: { title: "Too late to set a password this way", next: "Your proof is no longer accepted: it may have taken too long, or something changed in between. Start again." },
    step: { title: "This step is no longer accepted", next: "It may have taken too long. Start again." },
  } satisfies Record<string, Explanation>,

  problem: {
    not_accepted: { title: "That was not accepted", next: "Check what you typed and try again." },
    sign_in_again: { title: "Please sign in again", next: "This change needs a recent sign-in." },
    not_allowed: { title: "You cannot do this", next: "Your account has no right to it. Contact your administrator if it should." },
    origin_refused: { title: "This page may not talk to the service", next: "Open it from your organisation’s own link, and tell your helpdesk if it happens again." },
    not_found: { title: "This is not available here", next: "Your organisation may have switched it off. Go back and choose something else." },
    limited: { title: "Too many tries", next: "Wait a little, then try again." },
    password_refused: { title: "Choose a different password", next: "See the rules next to the field." },
    try_again: { title: "The service is busy", next: "Nothing was changed. Try again in a moment." },
    outcome_unknown: { title: "We do not know whether it worked", next: "The directory did not answer in time. Check before you try again." },
    bad_input: { title: "Something is not filled in as expected", next: "Check the marked field and try again." },
    too_large: { title: "That is too long", next: "Shorten what you typed and try again." },
    unsupported_content: { title: "This page is out of date", next: "Reload it and try again." },
    internal: { title: "Something went wrong on our side", next: "It is not your fault. Try again in a minute; if it lasts, tell your helpdesk." },
    unreachable: { title: "No answer from the service", next: "Check your connection and try again." },
  } satisfies Record<ProblemCode, Explanation>,
  limitedFor: (wait: string) => `Try again in ${wait}.`,
};

export type Texts = typeof en;
