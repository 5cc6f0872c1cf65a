/** A refusal of Twilio's REST API. */
export interface TwilioError {
  code: number;
  message: string;
  status: number;
}

const error = (code: number, message: string, status = 400): TwilioError => ({ code, message, status });

/** Refusals we can be asked for, by code (https://www.twilio.com/docs/api/errors). */
export const TWILIO_ERRORS = {
  authentication: error(20003, 'Authenticate', 401),
  notFound: error(20404, 'The requested resource was not found', 404),
  tooMany: error(20429, 'Too Many Requests', 429),
  internal: error(20500, 'Internal Server Error', 500),
  unavailable: error(20503, 'Service is unavailable. Please try again.', 503),
  noBody: error(21602, 'Message body is required.'),
  noTo: error(21604, "A 'To' phone number is required."),
  noFrom: error(21603, "A 'From' phone number is required."),
  tooLong: error(21617, 'The concatenated message body exceeds the 1600 character limit.'),
} as const;

/** Numbers to which nothing can be sent, as with Twilio's own test credentials; the last four digits choose the refusal. */
export const MAGIC_NUMBERS: Record<string, TwilioError> = {
  '+15005550001': error(21211, "Invalid 'To' Phone Number: +1500555XXXX"),
  '+15005550002': error(21612, 'Message cannot be sent with the current combination of To and From'),
  '+15005550003': error(21408, 'Permission to send an SMS has not been enabled for the region indicated by the To number: +1500555XXXX'),
  '+15005550004': error(21610, 'Attempt to send to unsubscribed recipient'),
  '+15005550009': error(21614, "'To' number is not a valid mobile number"),
};

/** The body of a refusal. */
export const errorBody = ({ code, message, status }: TwilioError) => ({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
